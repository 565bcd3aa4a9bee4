#include "lib/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"

/* Elements that an array begins with. */
#define ROOM_MIN 16

static void *
check_allocated(void *p)
{
	if (!p)
		die(ERR_TOOL, "out of memory");
	return p;
}

void *
mem_alloc(size_t n)
{
	return check_allocated(calloc(1, n ? n : 1));
}

void *
mem_grow(void *p, size_t n, size_t size)
{
	return check_allocated(reallocarray(p, n ? n : 1, size));
}

void *
mem_room(void *p, size_t n, size_t size)
{
	if (n == 0)
		return mem_grow(p, ROOM_MIN, size);
	if (n < ROOM_MIN || (n & (n - 1)) != 0)
		return p;
	return mem_grow(p, n * 2, size);
}

char *
mem_copy(const char *s)
{
	return check_allocated(strdup(s));
}

char *
mem_part(const char *s, size_t n)
{
	return check_allocated(strndup(s, n));
}

char *
mem_join(const char *a, const char *b)
{
	return mem_printf("%s%s", a, b);
}

char *
mem_printf(const char *fmt, ...)
{
	char *s;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		s = NULL;
	va_end(ap);
	return check_allocated(s);
}

void
strv_push(struct strv *l, const char *s)
{
	char **last;

	if (l->n == 0)
		l->v = mem_room(l->v, 0, sizeof(*l->v));
	last = &l->v[l->n++];
	memcpy(last, &s, sizeof(s)); /* argv is char ** by tradition */
	l->v = mem_room(l->v, l->n, sizeof(*l->v));
	l->v[l->n] = NULL;
}
