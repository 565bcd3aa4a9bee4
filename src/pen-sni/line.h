/* line: a JSON object being written, for the log and for control replies. */
#ifndef SNI_LINE_H
#define SNI_LINE_H

#include <stddef.h>
#include <time.h>

#include "lib/control.h"

struct line {
	char buf[CONTROL_REPLY_MAX];
	size_t n; /* 0 to begin with */
};

/*
 * Adds a member with text from wherever: made visible first, cut where it is
 * longer than 1 KiB, then JSON.  len 0: text is a string.  NULL adds nothing.
 */
void line_text(struct line *l, const char *key, const char *text, size_t len);

void line_number(struct line *l, const char *key, unsigned long long v);
void line_bool(struct line *l, const char *key, int v);

/* A time as 2026-01-31T23:59:59.999Z. */
void line_time(struct line *l, const char *key, const struct timespec *t);

/* Closes the object; "}\n" and no NUL. */
void line_end(struct line *l);

#endif
