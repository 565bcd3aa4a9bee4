// needs: pen-sni/cache
/* cache: each bound, and the millisecond before it; the time is made up. */
#include "pen-sni/cache.h"

#include <limits.h>
#include <string.h>

#include "../lib/sni_check.h"

#define START 5000000

static struct cache cache;

static union addr
address(const char *text)
{
	union addr a;

	CHECK(addr_parse(text, strlen(text), &a) == 0, "%s", text);
	return a;
}

static void
lasts(int64_t ttl, size_t n, int64_t seconds)
{
	union addr a[] = {address("192.0.2.1"), address("2001:db8::1")};
	const struct answer *got;
	int64_t end = START + seconds * 1000;

	cache_put(&cache, "a.test", a, n, n ? NULL : "none", ttl, START);
	CHECK(cache.n == 1, "%zu answers", cache.n);
	got = cache_find(&cache, "a.test", START);
	CHECK(got && got->n == n, "ttl %lld", (long long)ttl);
	CHECK(memcmp(got->addrs, a, n * sizeof(*a)) == 0, "the order");
	CHECK(n ? !got->why : strcmp(got->why, "none") == 0, "why");
	CHECK(cache_find(&cache, "a.test", end - 1), "ttl %lld",
	      (long long)ttl);
	CHECK(!cache_find(&cache, "a.test", end), "ttl %lld", (long long)ttl);
	CHECK(!cache_find(&cache, "b.a.test", START), "another name");
}

/* One name more than there is room for: the one that ends first is gone. */
static void
full(void)
{
	union addr a = address("192.0.2.1");
	char name[16];

	cache_clear(&cache);
	for (int i = 0; i <= CACHE_MAX; i++) {
		snprintf(name, sizeof(name), "n%d.test", i);
		cache_put(&cache, name, &a, 1, NULL, i == 7 ? 10 : 20, START);
	}
	CHECK(cache.n == CACHE_MAX, "%zu answers", cache.n);
	for (int i = 0; i <= CACHE_MAX; i++) {
		snprintf(name, sizeof(name), "n%d.test", i);
		CHECK(!cache_find(&cache, name, START) == (i == 7), "%s", name);
	}
	cache_clear(&cache);
	CHECK(!cache_find(&cache, "n0.test", START), "cleared");
}

int
main(void)
{
	lasts(60, 2, 60);
	lasts(CACHE_TTL_MAX, 1, 300);
	lasts(CACHE_TTL_MAX + 1, 2, 300);
	lasts(INT_MAX, 1, 300);
	lasts(1, 1, 1);
	lasts(0, 2, 1);
	lasts(INT_MIN, 1, 1); /* RFC 2181: the top bit is as good as 0 */
	lasts(INT_MAX, 0, 5);
	lasts(0, 0, 5);
	full();
	return 0;
}
