/*
 * malloc(3) in the place of musl's, for a program that asks for a few kilobytes
 * when it starts, and gives hardly any back: musl's takes a mapping for each
 * size, which clone(2) has to copy and two processes have to take down, and
 * that is a fortieth of what a start costs.
 *
 * Blocks lie one behind the other in a pool.  The last one can be given back;
 * others are not used again.  A large one has a mapping of its own.  All memory
 * is zero when it is given.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define POOL (64 << 10)	 /* options, arguments and environment, mostly */
#define MORE (1 << 20)	 /* when it is used up */
#define LARGE (16 << 10) /* with the header */

#define ALIGNMENT 16 /* of max_align_t */

struct block {
	_Alignas(ALIGNMENT) size_t size; /* of what follows */
};

/*
 * A common symbol: those the linker puts behind all other variables, which then
 * lie on one page.
 */
__attribute__((common)) _Alignas(ALIGNMENT)
unsigned char malloc_pool[POOL];
static unsigned char *next = malloc_pool, *end = malloc_pool + POOL;

static void *
map(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* n bytes, header included; NULL with ENOMEM. */
static struct block *
take(size_t n)
{
	void *b;

	if (n > LARGE)
		return map(n);
	if (n > (size_t)(end - next)) {
		b = map(MORE);
		if (!b)
			return NULL;
		next = b;
		end = next + MORE;
	}
	b = next;
	next += n;
	return b;
}

void *
malloc(size_t n)
{
	struct block *b;

	if (n > PTRDIFF_MAX - sizeof(*b) - ALIGNMENT) {
		errno = ENOMEM;
		return NULL;
	}
	n = (n + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	b = take(sizeof(*b) + n);
	if (!b)
		return NULL;
	b->size = n;
	return b + 1;
}

void
free(void *p)
{
	struct block *b = p;
	size_t n;

	if (!p)
		return;
	n = sizeof(*b) + (--b)->size;
	if (n > LARGE) {
		munmap(b, n);
	} else if ((unsigned char *)b + n == next) {
		memset(b, 0, n);
		next -= n;
	}
}

void *
calloc(size_t n, size_t size)
{
	size_t all;

	if (__builtin_mul_overflow(n, size, &all))
		all = SIZE_MAX; /* which malloc refuses */
	return malloc(all);
}

/* Room for as much again: what grows grows often, as putenv(3)'s array does. */
void *
realloc(void *p, size_t n)
{
	size_t have = p ? ((struct block *)p - 1)->size : 0;
	void *bigger;

	if (p && n <= have)
		return p;
	bigger = malloc(n < 2 * have ? 2 * have : n);
	if (bigger && p) {
		memcpy(bigger, p, have);
		free(p);
	}
	return bigger;
}
