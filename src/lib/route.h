/* route: what the kernel would do with a packet to an address. */
#ifndef PEN_ROUTE_H
#define PEN_ROUTE_H

#include "lib/addr.h"

/*
 * NULL when a packet to a would leave this host for another one; otherwise a
 * static text that says where it would end.
 */
const char *route_check(const union addr *a);

#endif
