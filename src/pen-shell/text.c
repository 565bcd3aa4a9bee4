#include "pen-shell/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * Every byte that is written goes through here.  The bounds are proven
 * (tests/unit/screen.c); were they wrong the relay would end, and the leader
 * puts the terminal right.
 */
void
text_bytes(struct text *o, const void *p, size_t n)
{
	if (n > o->max - o->n)
		__builtin_trap();
	memcpy(o->p + o->n, p, n);
	o->n += n;
}

void
text_byte(struct text *o, unsigned char c)
{
	text_bytes(o, &c, 1);
}

void
text_string(struct text *o, const char *s)
{
	text_bytes(o, s, strlen(s));
}

void
text_print(struct text *o, const char *fmt, ...)
{
	char buf[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	text_string(o, buf);
}
