/*
 * handover: the sockets that pen-sni listens on, made in the namespace.
 *
 * One end of a SOCK_SEQPACKET pair is open in this process, and PEN_SNI_FD has
 * its number.  The first message comes from pen-sni: the TCP ports of its
 * rules, ascending, with commas between them ("," for none).  It gets one back:
 * a line "dns-udp 53", "dns-tcp 53", "tcp PORT" … for each descriptor, in their
 * order; and says "ok" when it has them, or "failed" when it has said why not.
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

/* Reads the variable and unsets it; nonsense in it is fatal. */
void handover_read(struct handover *h);

/* Waits for the ports; fatal when they are none, or pen-sni has ended. */
void handover_ports(struct handover *h);

/* Whether a listening socket will have the TCP port inside. */
int handover_has(const struct handover *h, unsigned port);

/* Makes the sockets in the current network namespace and sends them. */
void handover_send(const struct handover *h);

/* Waits until pen-sni has them; fatal when it has ended. */
void handover_end(const struct handover *h);

#endif
