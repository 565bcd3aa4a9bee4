/* log: one JSON object a line for every decision. */
#ifndef SNI_LOG_H
#define SNI_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "pen-sni/rate.h"

struct log {
	int dir;	   /* of the file, or -1: no log */
	const char *file;  /* its name there */
	int fd;		   /* -1 until the first event */
	int turn; /* which of the two files is written */
	long long size;
	struct rate rate;
	unsigned long dropped, dropped_refused; /* since the last summary */
	/* Given every line as well, file or not; NULL: nobody is. */
	void (*tap)(void *arg, const char *line, size_t n);
	void *tap_arg;
};

/* What happened; a NULL or 0 is left out. */
struct event {
	const char *kind;    /* dns, tls, tcp, close, proxy */
	const char *verdict; /* allowed, refused, failed */
	const char *name;    /* any bytes */
	size_t name_len;     /* 0: name is a string */
	const char *address;
	unsigned port;
	const char *rule;    /* the rule that decided */
	const char *why;
	const char *allow;   /* the rule that would allow it */
	unsigned long id;    /* of the connection */
	int always;	     /* is written however fast events come */
	int traffic;	     /* whether up and down are meant */
	unsigned long count, refused; /* of a flood */
	uint64_t up, down;
};

/*
 * Prepares a log in path, whose directory must exist; the file is made at the
 * first event.  "-" is standard output, NULL is none.  Fatal on failure.
 */
void log_init(struct log *l, const char *path);

/* Writes the event; or counts it, when they come too fast. */
void log_event(struct log *l, int64_t now, const struct event *e);

/* Writes how many were counted, if any were. */
void log_flood(struct log *l);

#endif
