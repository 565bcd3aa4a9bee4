/*
 * cache: what the host's resolver answered, for a while.  Pure: the time is
 * the caller's, in ms.  The addresses are as they came; whoever dials one
 * checks it, every time.
 */
#ifndef SNI_CACHE_H
#define SNI_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"

/* Names; for one more the answer that ends first is forgotten. */
#define CACHE_MAX 256

/* Seconds.  RFC 2181 section 8 leaves the upper bound to us. */
#define CACHE_TTL_MIN 1
#define CACHE_TTL_MAX 300
#define CACHE_TTL_NONE 5 /* RFC 9520 section 3.2: 1 to 300, 5 to begin with */

struct answer {
	int64_t until;
	char *name;
	const char *why; /* static; NULL when there are addresses */
	size_t n;
	union addr addrs[];
};

struct cache {
	struct answer *v[CACHE_MAX];
	size_t n;
	int overflowed; /* an answer that was still good has been forgotten */
};

/* What is kept for name, valid until the next call; or NULL. */
const struct answer *cache_find(const struct cache *c, const char *name,
				int64_t now);

/* Keeps n addresses for ttl seconds, or that there are none and why. */
void cache_put(struct cache *c, const char *name, const union addr *addrs,
	       size_t n, const char *why, int64_t ttl, int64_t now);

void cache_clear(struct cache *c);

#endif
