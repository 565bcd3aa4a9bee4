#include "lib/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"

static void *
check(void *p)
{
	if (!p)
		die(ERR_TOOL, "out of memory");
	return p;
}

void *
mem_alloc(size_t n)
{
	return check(calloc(1, n ? n : 1));
}

void *
mem_grow(void *p, size_t n, size_t size)
{
	return check(reallocarray(p, n ? n : 1, size));
}

char *
mem_copy(const char *s)
{
	return check(strdup(s));
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
	return check(s);
}

void
strv_push(struct strv *l, const char *s)
{
	/* Room for s and the NULL; grows at powers of two. */
	if (l->n == 0 || ((l->n + 1) & l->n) == 0)
		l->v = mem_grow(l->v, (l->n + 1) * 2, sizeof(*l->v));
	memcpy(&l->v[l->n], &s, sizeof(s)); /* argv is char ** by tradition */
	l->v[++l->n] = NULL;
}
