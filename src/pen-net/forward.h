/*
 * forward: the process that carries connections from the loopback of one
 * network namespace to that of another.
 *
 * Theory of operation.  A socket belongs to the namespace that it was made in,
 * whoever holds it.  So a forwarder accepts on listening sockets that it was
 * given, from afar, and dials at home: the one for published ports is in the
 * namespace, with sockets of the host's loopback, the one for reached ports on
 * the host, with sockets of the loopback inside.  Neither has a right over the
 * other side, or any way to it but those sockets; the sockets listen before
 * prog runs, so nobody finds a port that is not there yet.
 *
 * A client of ::1 is first carried to ::1, one of 127.0.0.1 to 127.0.0.1, and
 * then to the other: a server is found whichever of them it listens on.  Where
 * there is none, the client sees a reset, because it was accepted before that
 * could be known.  What is carried is not looked at (lib/splice.h).
 *
 * A proxy on the host stands for every TLS server (--proxy): what arrives at
 * port 443 of any address inside is carried to it, and every name has an
 * address there, because it is the proxy that reads the name and decides.  The
 * resolver that says so is the forwarder's (lib/dns.h); it asks nobody.
 *
 * It has no parent that waits for it (see pen-sni's main.c), and learns from a
 * pidfd that prog has ended, however that was.  Then it listens no more and
 * delivers what prog's side has sent, for two seconds at most: the answer to
 * the last request of a login is not lost.  One that was added while prog runs
 * (pen-net --join) has a connection to the session in place of the pidfd: that
 * ends when the port is taken back, and with the session.
 */
#ifndef PEN_NET_FORWARD_H
#define PEN_NET_FORWARD_H

#include <stddef.h>
#include <stdint.h>

#include "lib/ports.h"

/* Which side of a connection is prog's. */
enum forward_prog { FORWARD_ACCEPTED, FORWARD_DIALLED };

/* What a socket stands for: a port of loopback, or one of these. */
enum { FORWARD_PROXY = 1 << 16, FORWARD_NAMES };

/*
 * Leaves a forwarder behind in the network namespace that the process is in,
 * until owner, a descriptor that stays the caller's, can be read or ends.
 * Returns the socket to give it its sockets by, and to close, which is what it
 * waits for; fatal.  proxy may have port 0.
 */
int forward_start(enum forward_prog side, const struct ports_local *proxy,
		  int owner);

/*
 * Gives it n nonblocking sockets (FD_MSG_MAX at most), which listen unless it
 * is for names, and stay the caller's; fatal.
 */
void forward_give(int sock, const int *fds, unsigned what, size_t n);

#endif
