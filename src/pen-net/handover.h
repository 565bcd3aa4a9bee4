/*
 * handover: the sockets that pen-sni listens on, made in the namespace.
 *
 * pen-sni leaves one end of a SOCK_SEQPACKET pair open in this process and
 * names it in PEN_SNI_FD; PEN_SNI_PORTS lists the TCP ports of its rules.  It
 * gets one message: a line "dns-udp 53", "dns-tcp 53", "tcp PORT" … for each
 * descriptor, in their order.
 */
#ifndef PEN_NET_HANDOVER_H
#define PEN_NET_HANDOVER_H

#include <stddef.h>

/* What one message carries, less the two of the resolver. */
#define HANDOVER_PORTS_MAX 62

struct handover {
	int sock; /* -1: nobody waits for sockets */
	unsigned ports[HANDOVER_PORTS_MAX];
	size_t n;
};

/* Reads the two variables and unsets them; nonsense in them is fatal. */
void handover_read(struct handover *h);

/* Whether a listening socket will have the TCP port inside. */
int handover_has(const struct handover *h, unsigned port);

/* Makes the sockets in the current network namespace and sends them. */
void handover_send(const struct handover *h);

#endif
