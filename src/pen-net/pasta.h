/*
 * pasta: an open network, carried by pasta(1), and the keeper that starts it
 * and ends it.
 */
#ifndef PEN_NET_PASTA_H
#define PEN_NET_PASTA_H

struct pasta {
	int v4, v6; /* what the host has routes for */
	char *path; /* of the program */
	int sock;   /* our end of the pair to its keeper */
};

/* Finds the program and opens its device; fatal when that fails. */
void pasta_check(struct pasta *p);

/*
 * Leaves the keeper behind on the host's network.  To be called in the user
 * namespace and before the network namespace is made; fatal.
 */
void pasta_start(struct pasta *p);

/*
 * Lets pasta into the current network namespace, and waits for its routes: a
 * network that is not there yet fails for whoever is too early.
 */
void pasta_release(struct pasta *p);

#endif
