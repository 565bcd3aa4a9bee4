/*
 * carry: published and reached ports and the host's proxy, from the options to
 * the forwarders (forward.h).
 */
#ifndef PEN_NET_CARRY_H
#define PEN_NET_CARRY_H

#include <stddef.h>

#include "lib/ports.h"

struct carry_ports {
	struct {
		unsigned host, inside;
	} p[PORTS_MAX];
	size_t n;
};

struct carry {
	struct carry_ports publish, reach;
	struct ports_local proxy;     /* port 0: there is none */
	int published[2 * PORTS_MAX]; /* sockets on the host, while made */
	int on_host; /* the way to the forwarder there; -1: there is none */
	int owner;   /* what the forwarders end with (forward.h) */
};

/* What a proxy takes inside: TLS on every address, and the resolver's port. */
#define CARRY_PROXIED 443
#define CARRY_DNS 53

/* Take the argument of their option; a bad one is fatal. */
void carry_publish(struct carry *c, const char *text);
void carry_reach(struct carry *c, const char *text);
void carry_proxy(struct carry *c, const char *text);

/* Whether anything is asked for. */
int carry_wanted(const struct carry *c);

/*
 * On the host's network, in the user namespace: listens on the published
 * ports, and leaves the forwarder of the reached ones.  Fatal, when a host
 * port is taken too.
 */
void carry_on_host(struct carry *c);

/* In the network namespace, when its loopback is up: the rest.  Fatal. */
void carry_inside(struct carry *c);

/*
 * Both, for the namespaces of a process that is there already, until owner
 * ends; the process is in them then.  Fatal.
 */
void carry_join(struct carry *c, int pidfd, int owner);

#endif
