#include "pen-sni/cache.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static int64_t
bounded(int64_t ttl, size_t n)
{
	return n == 0		      ? CACHE_TTL_NONE
	       : ttl < CACHE_TTL_MIN ? CACHE_TTL_MIN
	       : ttl > CACHE_TTL_MAX ? CACHE_TTL_MAX
				     : ttl;
}

const struct answer *
cache_find(const struct cache *c, const char *name, int64_t now)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i]->name, name) == 0)
			return now < c->v[i]->until ? c->v[i] : NULL;
	return NULL;
}

static void
forget(struct answer *a)
{
	if (a)
		free(a->name);
	free(a);
}

/* That of name, a free one, or that of the answer that ends first. */
static struct answer **
place(struct cache *c, const char *name)
{
	struct answer **first = c->v;

	for (size_t i = 0; i < c->n; i++) {
		if (strcmp(c->v[i]->name, name) == 0)
			return &c->v[i];
		if (c->v[i]->until < (*first)->until)
			first = &c->v[i];
	}
	return c->n < CACHE_MAX ? &c->v[c->n++] : first;
}

void
cache_put(struct cache *c, const char *name, const union addr *addrs, size_t n,
	  const char *why, int64_t ttl, int64_t now)
{
	struct answer **at = place(c, name), *a;

	a = mem_alloc(sizeof(*a) + n * sizeof(*addrs));
	*a = (struct answer){now + bounded(ttl, n) * 1000, mem_copy(name), why,
			     n};
	if (n > 0)
		memcpy(a->addrs, addrs, n * sizeof(*addrs));
	forget(*at);
	*at = a;
}

void
cache_clear(struct cache *c)
{
	for (size_t i = 0; i < c->n; i++)
		forget(c->v[i]);
	*c = (struct cache){0};
}
