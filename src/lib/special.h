/*
 * special: networks that a public name has no business in.  The registries of
 * IANA for special-purpose addresses, multicast, and what clouds answer their
 * metadata on.
 */
#ifndef PEN_SPECIAL_H
#define PEN_SPECIAL_H

#include <stddef.h>
#include <stdint.h>

struct special {
	uint8_t net[16]; /* of IPv4 the first four */
	int bits;
	int private; /* a network of one's own: some may mean it */
	int v4_at;   /* an IPv4 address is embedded there: it decides */
};

/* The first row that an address is in counts. */
extern const struct special special_v4[], special_v6[];
extern const size_t special_v4_n, special_v6_n;

/*
 * Inside an open network: the addresses of pasta's interface, of its gateway,
 * and the one behind which it answers as the host's resolver.  RFC 5737 and
 * 3849: nobody else has them.
 */
#define SPECIAL_OWN "192.0.2.2"
#define SPECIAL_GATEWAY "192.0.2.1"
#define SPECIAL_DNS "192.0.2.3"
#define SPECIAL_DNS_BYTES 192, 0, 2, 3
#define SPECIAL_OWN6 "2001:db8::2"
#define SPECIAL_GATEWAY6 "fe80::1"

#endif
