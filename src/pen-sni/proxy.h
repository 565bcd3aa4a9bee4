/*
 * proxy: the long-lived process on the host's side, and what its parts share.
 */
#ifndef SNI_PROXY_H
#define SNI_PROXY_H

#include <sys/types.h>

#include "lib/loop.h"
#include "lib/splice.h"
#include "pen-sni/log.h"
#include "pen-sni/names.h"
#include "pen-sni/policy.h"
#include "pen-sni/resolve.h"
#include "pen-sni/upstream.h"

/* Connections at a time, and so many of those may be DNS over TCP. */
#define PROXY_CONNS 8192
#define PROXY_DNS_CONNS 64

struct proxy {
	struct loop loop;
	struct policy policy;
	struct names names;
	struct log log;
	struct resolver resolver;
	struct upstream upstream; /* port 0: there is none */
	struct pipes pipes;
	struct conn *conns; /* all of them, for the last lines of the log */
	struct dns_conn *dns_conns;
	size_t n_conns, max_conns, n_dns;
	unsigned long last_id;
	char refused_name[RULE_NAME_MAX + 3]; /* in the latest answer */
	int64_t refused_at;
	struct listener *listeners;
	struct control *control; /* or NULL */
	int asks;		 /* about names that no rule speaks of */
	int audit;		 /* or lets them through */
	struct ask *ask;	 /* the questions; NULL until the first */
	struct timer flood;	 /* when the log sums up what it dropped */
	struct timer resume; /* when accepting goes on */
	struct timer rest;   /* when nothing has been open for a while */
	int paused;
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

/* Writes an event to the log. */
void proxy_event(struct proxy *p, const struct event *e);

/* Whether something listens on port; and all such ports, the caller's. */
int proxy_listens(const struct proxy *p, unsigned port);
char *proxy_ports(const struct proxy *p);

/* A connection has ended: there may be room for another. */
void proxy_room(struct proxy *p);

#endif
