/*
 * events: where every decision goes: to the log, and to whoever counts.  When
 * the log cannot be written, nothing is to be let through.
 */
#ifndef SNI_EVENTS_H
#define SNI_EVENTS_H

#include "lib/loop.h"
#include "pen-sni/log.h"

struct events {
	struct loop *loop;
	struct log log;
	struct timer flood; /* when the log sums up what it dropped */
	struct timer retry; /* when a log that failed is tried again */
	int closed;	    /* nothing is let through: it is not logged */
	/* Called for each event, and when closed has become true. */
	void (*seen)(void *arg, const struct event *e);
	void (*shut)(void *arg);
	void *arg;
};

/* To be called once v->log is initialised. */
void events_init(struct events *v, struct loop *loop,
		 void (*seen)(void *arg, const struct event *e),
		 void (*shut)(void *arg), void *arg);

void events_add(struct events *v, const struct event *e);

/* Writes what the log still has to say. */
void events_close(struct events *v);

#endif
