/* conn: one connection from inside, from its acceptance to its end. */
#ifndef SNI_CONN_H
#define SNI_CONN_H

#include "lib/splice.h"
#include "pen-sni/ask.h"
#include "pen-sni/dial.h"
#include "pen-sni/fakeip.h"
#include "pen-sni/hand.h"

struct conns {
	struct loop *loop;
	const struct policy *policy;
	struct fakeips *names;
	struct events *events;
	struct ask *ask;
	const struct upstream *upstream; /* port 0: there is none */
	struct hands *hands;
	struct dials dials;
	struct pipes pipes;
	struct conn *first;
	size_t n, max;
	size_t unread; /* bytes of first messages, beyond 4 KiB of each */
	unsigned long last_id;
	void (*ended)(void *arg); /* called when there is room for another */
	void *arg;
};

/* Whether there is room for another one. */
int conn_room(const struct conns *all);

/*
 * Takes over fd, accepted on port; name is the one that stands for the
 * address it went to, or NULL when that was none of ours.  alone: there are no
 * synthetic addresses, the ClientHello alone decides.
 */
void conn_start(struct conns *all, int fd, unsigned port, const char *name,
		int alone);

/* Ends the connections to what d denies. */
void conn_cut(struct conns *all, const struct deny *d);

/* Ends all connections, for that reason; their last events are written. */
void conn_end_all(struct conns *all, const char *why);

#endif
