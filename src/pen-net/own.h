/* own: the addresses of the host's interfaces. */
#ifndef PEN_NET_OWN_H
#define PEN_NET_OWN_H

#include "nft.h"

/*
 * Adds them to the ones that are refused, from the network namespace that the
 * process is in; fatal when they cannot be listed or are too many.
 */
void own_read(struct nft *nft);

/* Whether the host has a route to public addresses of that family. */
int own_routes(int family);

#endif
