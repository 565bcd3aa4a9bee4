/* network: connections, each of which gives up after a second. */
#ifndef PEN_ATTACK_NETWORK_H
#define PEN_ATTACK_NETWORK_H

#include <stddef.h>
#include <stdint.h>

#include "pen-attack/world.h"

/* The two names that a pen is told to allow, for what is sent to them. */
#define ALLOWED_TLS "tls.attack.test"
#define ALLOWED_HTTP "http.attack.test"

/* Connects a new socket of the type, which the caller closes.  -1 with errno.
 */
int network_open(const char *address, uint16_t port, int type);

/*
 * Connects to the stand-in server on port direct of 127.0.0.1 where that is
 * reached, else to the allowed name's port.  -1 with errno.
 */
int network_allowed(const struct world *w, const char *name, uint16_t port,
		    uint16_t direct);

/*
 * Sends n bytes and hears what comes back, which is what the server has got of
 * them: 0 when wanted is in it, or -1 with errno.
 */
long network_exchange(int fd, const void *sent, size_t n, const char *wanted);

#endif
