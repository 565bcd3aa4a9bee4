/* log: one JSON object a line for every decision. */
#ifndef SNI_LOG_H
#define SNI_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "pen-sni/rate.h"

/* Events, and how many of them were refusals. */
struct tally {
	unsigned long events, refused;
};

/* The file with the beginning, and two that take turns with the rest. */
#define LOG_FILES 3

struct log {
	int dir;	  /* of the files, or -1: no log, or standard output */
	const char *file; /* the first one's name there */
	int fd;		  /* -1 until the first event */
	int append_only;  /* for an event more: no other file is begun */
	unsigned current; /* the file that is written */
	long long size, limit;
	struct tally
	    in[LOG_FILES]; /* of this session, in each file or counted there */
	struct tally unwritten; /* since writing failed */
	int64_t failing_since;	/* 0: the latest event was written */
	int torn;		/* there is a part of a line at the end */
	struct rate rate;
	struct tally dropped; /* since the last summary */
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
	const char *rule; /* the rule that decided */
	const char *why;
	const char *method, *path; /* of a request */
	unsigned status;
	const char *allow;	      /* the rule that would allow it */
	unsigned long id;	      /* of the connection */
	int always;		      /* is written however fast events come */
	int traffic;		      /* whether up and down are meant */
	unsigned long count, refused; /* of events that are not there */
	uint64_t up, down, tokens;
};

/*
 * Prepares a log in path, whose directory must exist; the file is made at the
 * first event.  "-" is standard output, NULL is none.  Fatal on failure.
 */
void log_init(struct log *l, const char *path);

/* Writes the event; or counts it, when they come too fast. */
void log_event(struct log *l, int64_t now, const struct event *e);

/* Writes how many were counted, if any were. */
void log_flood(struct log *l, int64_t now);

/*
 * Where writing has failed: tries again, by an event that says how many were
 * not written.  Returns for how many ms nothing could be written, or 0.
 */
int64_t log_retry(struct log *l, int64_t now);

/* The last: gives the room back that was reserved and not used. */
void log_close(struct log *l, int64_t now);

#endif
