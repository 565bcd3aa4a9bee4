#include "pen-sni/line.h"

#include <stdio.h>
#include <string.h>

#include "lib/err.h"

static void
add_text(struct line *l, const char *s)
{
	size_t n = strlen(s);

	if (n > sizeof(l->buf) - 4 - l->n)
		n = sizeof(l->buf) - 4 - l->n;
	memcpy(l->buf + l->n, s, n);
	l->n += n;
}

static void
add_key(struct line *l, const char *key)
{
	add_text(l, l->n ? ",\"" : "{\"");
	add_text(l, key);
	add_text(l, "\":");
}

void
line_text(struct line *l, const char *key, const char *text, size_t len)
{
	char seen[1100];

	if (!text)
		return;
	add_key(l, key);
	add_text(l, "\"");
	err_visible(seen, sizeof(seen), text, len ? len : strlen(text));
	for (const char *s = seen; *s; s++) {
		char c[3] = {*s, 0, 0};

		if (*s == '"' || *s == '\\') {
			c[0] = '\\';
			c[1] = *s;
		}
		add_text(l, c);
	}
	add_text(l, "\"");
}

void
line_number(struct line *l, const char *key, unsigned long long v)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", v);
	add_key(l, key);
	add_text(l, text);
}

void
line_bool(struct line *l, const char *key, int v)
{
	add_key(l, key);
	add_text(l, v ? "true" : "false");
}

void
line_time(struct line *l, const char *key, const struct timespec *t)
{
	char text[64], with_ms[80];
	struct tm tm;

	gmtime_r(&t->tv_sec, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(with_ms, sizeof(with_ms), "%s.%03ldZ", text,
		 t->tv_nsec / 1000000);
	line_text(l, key, with_ms, 0);
}

void
line_end(struct line *l)
{
	if (l->n == 0)
		add_text(l, "{");
	memcpy(l->buf + l->n, "}\n", 2);
	l->n += 2;
}
