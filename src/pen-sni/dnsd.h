/* dnsd: answers the questions from inside, from the policy alone. */
#ifndef SNI_DNSD_H
#define SNI_DNSD_H

#include "pen-sni/proxy.h"

/* Answers what is waiting on a UDP socket. */
void dnsd_udp(struct proxy *p, int fd);

/* Takes over fd, an accepted TCP connection. */
void dnsd_tcp(struct proxy *p, int fd);

/* Ends all TCP connections. */
void dnsd_end_all(struct proxy *p);

#endif
