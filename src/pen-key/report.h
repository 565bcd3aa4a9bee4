/*
 * report: an event for each request: method, path, status, bytes, tokens; never
 * content or a header's value.  And one for a budget that is used up.
 */
#ifndef KEY_REPORT_H
#define KEY_REPORT_H

#include <stddef.h>
#include <stdint.h>

#define REPORT_MAX 1024

struct report {
	const char *host;
	int fd;		    /* a file, or pen-sni's socket; -1: nobody's */
	int socket;	    /* fd is pen-sni's: a message without the time */
	unsigned long lost; /* it took no more of them */
};

struct report_request {
	const char *method, *path, *why; /* why may be NULL */
	int status;			 /* 0: there was no answer */
	uint64_t up, down, tokens;
};

/* Opens the log, "-" for standard output.  Fatal on failure. */
void report_open(struct report *r, const char *path);

void report_request(struct report *r, const struct report_request *q);

/* An event that a budget is used up; why is text of ours. */
void report_spent(struct report *r, const char *why);

/* Says how many of them nobody took: to who takes them, or last to the user. */
void report_lost(struct report *r, int last);

#endif
