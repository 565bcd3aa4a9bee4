/* proxy: the long-lived process on the host's side. */
#ifndef SNI_PROXY_H
#define SNI_PROXY_H

#include "pen-sni/control.h"
#include "pen-sni/resolve.h"
#include "pen-sni/upstream.h"

/* The parts of it; each knows those that it is given, by proxy.c. */
struct proxy {
	struct loop loop;
	struct policy policy;
	struct fakeips names;
	struct events events;
	struct resolver resolver;
	struct upstream upstream; /* port 0: there is none */
	struct ask ask;
	struct hands hands;
	struct conns conns;
	struct dnsd dnsd;
	struct listeners listeners;
	struct control *control;    /* or NULL */
	int told_names, told_cache; /* that they will run out */
};

/*
 * pen-net waits at sock until the proxy serves: if a message ends it before
 * that, it is told "failed", and says nothing more.
 */
void proxy_awaited(int sock);

/*
 * The proxy of a chain, whose process is its parent and pidfd's: gets its
 * sockets by one message on sock, and ends when that process does.
 */
_Noreturn void proxy_chain(struct proxy *p, int sock, int pidfd);

/* The proxy alone: TLS connections on fd are for port 443. */
int proxy_alone(struct proxy *p, int fd);

#endif
