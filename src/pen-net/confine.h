/* confine: a forwarder gives up what it does not need. */
#ifndef PEN_NET_CONFINE_H
#define PEN_NET_CONFINE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Leaves the process no capability, no privilege to gain, no system call but
 * those of a forwarder, no sockets but those of IPv4 and IPv6, and, where the
 * kernel has Landlock for that (Linux 6.7), no TCP port to dial but the n.
 * Fatal.
 */
void confine_self(const uint16_t *ports, size_t n);

#endif
