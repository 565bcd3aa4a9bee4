/* malloc: pen-ns' own, under other names beside the C library's */
#include <stddef.h>
#include <unistd.h>

#include "../lib/sni_check.h"

#define malloc pool_malloc
#define free pool_free
#define calloc pool_calloc
#define realloc pool_realloc
void *malloc(size_t n);
void free(void *p);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);
#include "pen-ns/musl/malloc.c"
#undef malloc
#undef free
#undef calloc
#undef realloc

enum { BLOCKS = 64, STEPS = 200000 };

static int
is_all(const unsigned char *p, size_t n, int value)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return 0;
	return 1;
}

static int
is_mapped(void *p)
{
	return msync((void *)((uintptr_t)p & ~(uintptr_t)4095), 1, MS_ASYNC) ==
	       0;
}

static int
is_in_pool(const unsigned char *p)
{
	return p > malloc_pool && p < malloc_pool + POOL;
}

static void
test_last(void)
{
	unsigned char *p = pool_malloc(100), *q;

	CHECK((uintptr_t)p % ALIGNMENT == 0 && is_in_pool(p),
	      "not in the pool, or not aligned");
	memset(p, 1, 100);
	pool_free(p);
	q = pool_malloc(100);
	CHECK(q == p, "the last block was not given back");
	CHECK(is_all(q, 100, 0), "what was given back was not cleared");
	p = pool_malloc(100);
	pool_free(q);
	CHECK(pool_malloc(100) != q, "a block that is not the last is reused");
	CHECK(is_all(p, 100, 0), "memory that is not zero");
}

static void
test_large(void)
{
	unsigned char *p = pool_malloc(LARGE + 1);
	unsigned char *before = next;

	CHECK(!is_in_pool(p), "a large block in the pool");
	memset(p, 1, LARGE + 1);
	p = pool_realloc(p, 1 << 20);
	CHECK(is_all(p, LARGE + 1, 1), "a larger block has other contents");
	CHECK(is_all(p + LARGE + ALIGNMENT, (1 << 20) - LARGE - ALIGNMENT, 0),
	      "memory that is not zero");
	CHECK(is_mapped(p + 65536), "msync cannot tell");
	pool_free(p);
	CHECK(!is_mapped(p + 65536), "a large block stays");
	CHECK(next == before, "a large block took room in the pool");
}

static void
test_refused(void)
{
	errno = 0;
	CHECK(!pool_malloc(SIZE_MAX) && errno == ENOMEM, "all there is");
	errno = 0;
	CHECK(!pool_malloc(PTRDIFF_MAX) && errno == ENOMEM, "half of it");
	errno = 0;
	CHECK(!pool_calloc(SIZE_MAX / 2, 3) && errno == ENOMEM, "overflow");
	pool_free(NULL);
	CHECK(pool_realloc(NULL, 1), "realloc of nothing");
	CHECK(pool_malloc(0) != pool_malloc(0), "two of nothing are one");
}

/* Two arrays that grow by one word in turn, as the environment's do. */
static void
test_growing(void)
{
	unsigned char *before = next;
	char **a = NULL, **b = NULL;
	size_t moved = 0;

	for (size_t n = 1; n <= 1000; n++) {
		char **c = pool_realloc(a, n * sizeof(*a));

		moved += c != a;
		a = c;
		b = pool_realloc(b, n * sizeof(*b));
		CHECK(a && b, "no memory");
	}
	CHECK(moved <= 10, "moved %zu times", moved);
	CHECK(next - before < 6 * 1000 * (ptrdiff_t)sizeof(*a), "took %td",
	      next - before);
}

/* Any order of calls, beyond the pool too: what is in a block stays in it. */
static void
test_any_order(void)
{
	static struct {
		unsigned char *p;
		size_t n;
		int value;
	} all[BLOCKS];

	srand(1);
	for (int step = 0; step < STEPS; step++) {
		int i = rand() % BLOCKS, what = rand() % 3;
		size_t n = (size_t)rand() % (rand() % 16 ? 200 : LARGE * 2);

		CHECK(is_all(all[i].p, all[i].n, all[i].value),
		      "block %d was overwritten in step %d", i, step);
		if (what == 0 && all[i].p) {
			all[i].p = pool_realloc(all[i].p, n);
			if (all[i].n < n)
				CHECK(is_all(all[i].p, all[i].n, all[i].value),
				      "realloc in step %d", step);
		} else {
			pool_free(all[i].p);
			all[i].p = what == 1 ? pool_malloc(n)
					     : pool_calloc(1, n);
			CHECK(is_all(all[i].p, n, 0), "not zero: step %d",
			      step);
		}
		CHECK((uintptr_t)all[i].p % ALIGNMENT == 0, "not aligned");
		all[i].n = n;
		all[i].value = 1 + step % 255;
		memset(all[i].p, all[i].value, n);
	}
	CHECK(!is_in_pool(next), "the pool was not used up");
}

int
main(void)
{
	test_last();
	test_large();
	test_refused();
	test_growing();
	test_any_order();
	return 0;
}
