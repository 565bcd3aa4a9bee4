/* sni_hello: ClientHellos put together by the unit tests. */
#ifndef SNI_HELLO_H_
#define SNI_HELLO_H_

#include <stdint.h>
#include <string.h>

#include "sni_check.h"

struct buf {
	size_t n;
	uint8_t b[150000]; /* 20,000 bytes in records of one */
};

static inline void
put(struct buf *b, const void *p, size_t n)
{
	CHECK(n <= sizeof(b->b) - b->n, "too long");
	memcpy(b->b + b->n, p, n);
	b->n += n;
}

static inline void
put_int(struct buf *b, size_t v, size_t size)
{
	while (size-- > 0)
		put(b, &(uint8_t){(uint8_t)(v >> (8 * size))}, 1);
}

/* A list of the names, each of that type, as a server_name extension has it. */
static inline void
put_names(struct buf *b, const char *const *names, const size_t *lens, size_t n,
	  unsigned type)
{
	size_t list = 0;

	for (size_t i = 0; i < n; i++)
		list += 3 + lens[i];
	put_int(b, list, 2);
	for (size_t i = 0; i < n; i++) {
		put_int(b, type, 1);
		put_int(b, lens[i], 2);
		put(b, names[i], lens[i]);
	}
}

static inline void
put_record(struct buf *b, unsigned type, unsigned version, const uint8_t *p,
	   size_t n)
{
	put_int(b, type, 1);
	put_int(b, version, 2);
	put_int(b, n, 2);
	put(b, p, n);
}

#endif
