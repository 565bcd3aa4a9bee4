/* listeners: the sockets that take questions and connections. */
#ifndef SNI_LISTENERS_H
#define SNI_LISTENERS_H

#include "lib/loop.h"
#include "pen-sni/conn.h"
#include "pen-sni/dnsd.h"

/* The rows of the table in listeners.c. */
enum listener_kind {
	LISTEN_DNS_UDP,
	LISTEN_DNS_TCP,
	LISTEN_TCP,   /* at the synthetic addresses of names */
	LISTEN_ALONE, /* --listen */
	LISTEN_KINDS
};

struct listeners {
	struct loop *loop;
	struct conns *conns;
	struct dnsd *dnsd;
	struct listener *first;
	struct timer resume; /* when accepting goes on */
	int paused;
};

void listeners_init(struct listeners *l, struct loop *loop, struct conns *conns,
		    struct dnsd *dnsd);

/* Takes over fd.  Fatal on failure. */
void listeners_add(struct listeners *l, int fd, enum listener_kind kind,
		   unsigned port);

/* Takes a line of pen-net's: "dns-udp 53", "tcp 443".  0, or -1: it is none. */
int listeners_add_line(struct listeners *l, char *line, int fd);

/* There is room for another connection. */
void listeners_room(struct listeners *l);

/* Whether there is one for connections to port; all such ports, the caller's.
 */
int listeners_have(const struct listeners *l, unsigned port);
char *listeners_ports(const struct listeners *l);

#endif
