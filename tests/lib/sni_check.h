/* check: what the unit tests of pen-sni's pure modules say on failure. */
#ifndef SNI_CHECK_H
#define SNI_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#define CHECK(cond, ...)                                                   \
	do {                                                               \
		if (!(cond)) {                                             \
			fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, \
				#cond);                                    \
			fprintf(stderr, __VA_ARGS__);                      \
			fputc('\n', stderr);                               \
			exit(1);                                           \
		}                                                          \
	} while (0)

/*
 * The n bytes at p in a block of their own: a sanitizer sees a read past the
 * end of it.  The caller frees it.
 */
static inline unsigned char *
check_exact(const void *p, size_t n)
{
	unsigned char *copy = malloc(n ? n : 1);

	CHECK(copy, "no memory");
	for (size_t i = 0; i < n; i++)
		copy[i] = ((const unsigned char *)p)[i];
	return copy;
}

#endif
