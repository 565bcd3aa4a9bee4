/* listener: where connections come from: a port of the loopback, or pen-sni. */
#ifndef KEY_LISTENER_H
#define KEY_LISTENER_H

#include "lib/addr.h"
#include "pen-key/client.h"

struct listener {
	struct source src;
	struct clients *clients;
	struct timer pause;
	int paused;
};

/* Listens on a, an address of the loopback.  Fatal on failure. */
void listener_open(struct listener *l, struct clients *clients,
		   const union addr *a);

/* Takes the connections that come on fd; its end stops the loop. */
void listener_serve(struct listener *l, struct clients *clients, int fd);

#endif
