/*
 * mem: allocation that ends the process with 125 when there is no memory.
 * The caller owns what is returned and frees it with free(3); the chain's
 * loaders never do, because they exec.
 */
#ifndef PEN_MEM_H
#define PEN_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n);			/* zeroed */
void *mem_grow(void *p, size_t n, size_t size); /* reallocarray(3) */

/* Room in the array p, of elements of size bytes, for one beyond its n: makes
 * it larger at powers of two. */
void *mem_room(void *p, size_t n, size_t size);

char *mem_copy(const char *s);		      /* strdup(3) */
char *mem_part(const char *s, size_t n);      /* strndup(3) */
char *mem_join(const char *a, const char *b); /* b behind a, a new string */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A growing list of strings, always ended by NULL: an argv being built. */
struct strv {
	char **v; /* NULL until the first push */
	size_t n;
};

/* Appends s, which the list borrows. */
void strv_push(struct strv *l, const char *s);

#endif
