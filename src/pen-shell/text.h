/*
 * text: what is written to the terminal, in a buffer that the caller bounds.
 * Pure: no system call.  Every byte goes through text_bytes, which ends the
 * process rather than write past the end.
 */
#ifndef SHELL_TEXT_H
#define SHELL_TEXT_H

#include <stddef.h>

/* The caller's buffer: n of max bytes are written. */
struct text {
	unsigned char *p;
	size_t n, max;
};

void text_bytes(struct text *o, const void *p, size_t n);
void text_byte(struct text *o, unsigned char c);
void text_string(struct text *o, const char *s);

/* At most 63 bytes. */
__attribute__((format(printf, 2, 3))) void text_print(struct text *o,
						      const char *fmt, ...);

#endif
