#include "pen-sni/cache.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static int64_t
bounded_ttl(int64_t ttl, size_t n)
{
	return n == 0		     ? CACHE_TTL_NONE
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
free_answer(struct answer *a)
{
	if (a)
		free(a->name);
	free(a);
}

/* That of name, a free one, or that of the answer that ends first. */
static struct answer **
place_for(struct cache *c, const char *name)
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
	struct answer **at = place_for(c, name), *a;

	a = mem_alloc(sizeof(*a) + n * sizeof(*addrs));
	*a = (struct answer){now + bounded_ttl(ttl, n) * 1000, mem_copy(name),
			     why, n};
	if (*at && strcmp((*at)->name, name) != 0 && (*at)->until > now)
		c->overflowed = 1;
	if (n > 0)
		memcpy(a->addrs, addrs, n * sizeof(*addrs));
	free_answer(*at);
	*at = a;
}

void
cache_clear(struct cache *c)
{
	for (size_t i = 0; i < c->n; i++)
		free_answer(c->v[i]);
	*c = (struct cache){0};
}
