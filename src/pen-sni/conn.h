/* conn: one connection from inside, from its acceptance to its end. */
#ifndef SNI_CONN_H
#define SNI_CONN_H

#include "pen-sni/proxy.h"

/*
 * Takes over fd, accepted on port; name is the one that stands for the
 * address it went to, or NULL when that was none of ours.  alone: there are no
 * synthetic addresses, the ClientHello alone decides.
 */
void conn_start(struct proxy *p, int fd, unsigned port, const char *name,
		int alone);

/* Ends the connections to what d denies. */
void conn_cut(struct proxy *p, const struct deny *d);

/* Ends all connections; their last events are written. */
void conn_end_all(struct proxy *p);

#endif
