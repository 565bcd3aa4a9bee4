/* dnsd: answers the questions from inside, from the policy alone. */
#ifndef SNI_DNSD_H
#define SNI_DNSD_H

#include "lib/dns.h"
#include "lib/loop.h"
#include "pen-sni/ask.h"
#include "pen-sni/events.h"
#include "pen-sni/fakeip.h"
#include "pen-sni/hand.h"
#include "pen-sni/policy.h"

struct dnsd {
	struct loop *loop;
	const struct policy *policy;
	struct fakeips *names;
	struct events *events;
	const struct ask *ask;
	struct hands *hands;
	struct dns_conn *conns; /* over TCP */
	size_t n;
	char refused_name[DNS_NAME_TEXT]; /* in the latest answer */
	int64_t refused_at;
};

/* Answers what is waiting on a UDP socket. */
void dnsd_udp(struct dnsd *d, int fd);

/* Takes over fd, an accepted TCP connection. */
void dnsd_tcp(struct dnsd *d, int fd);

/* Ends all TCP connections. */
void dnsd_end_all(struct dnsd *d);

#endif
