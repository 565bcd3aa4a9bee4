/*
 * pasta: published and reached ports, carried by pasta(1), and the keeper that
 * starts it and ends it.
 */
#ifndef PEN_NET_PASTA_H
#define PEN_NET_PASTA_H

#include <stddef.h>

#include "lib/ports.h"

struct pasta_ports {
	struct {
		unsigned host, inside;
	} p[PORTS_MAX];
	size_t n;
};

/* What is asked of pasta, and the way to its keeper. */
struct pasta {
	struct pasta_ports publish, reach;
	int open;     /* its interface is up, for an open network */
	int v4, v6;   /* what the host has routes for, then */
	char *path; /* of the program */
	int sock;   /* our end of the pair to the keeper */
};

/* Take the argument of --publish and of --reach; a bad one is fatal. */
void pasta_publish(struct pasta_ports *l, const char *text);
void pasta_reach(struct pasta_ports *l, const char *text);

/* Whether anything is asked for: without it there is no pasta. */
int pasta_wanted(const struct pasta *p);

/* Finds the program and opens its device; fatal when that fails. */
void pasta_check(struct pasta *p);

/*
 * Leaves the keeper behind on the host's network.  To be called in the user
 * namespace and before the network namespace is made; fatal when a host port
 * is taken.
 */
void pasta_start(struct pasta *p);

/*
 * Lets pasta into the current network namespace.  Waits for nothing but an
 * open network, which fails for whoever is too early.
 */
void pasta_release(struct pasta *p);

#endif
