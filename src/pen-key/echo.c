#include "pen-key/echo.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static void
add_needle(struct echo *e, const char *text, size_t n)
{
	char *copy = mem_alloc(n + 1);

	memcpy(copy, text, n);
	e->needle[e->n++] = (struct echo_needle){copy, n};
	if (n > e->longest)
		e->longest = n;
}

/* Both halves. */
static void
add_halves(struct echo *e, const char *text, size_t n)
{
	size_t half = n / 2;

	add_needle(e, text, half);
	add_needle(e, text + half, n - half);
}

/* The characters of base64 that only those of the n bytes at p decide, which
 * are preceded by skip others. */
static size_t
encode(const char *p, size_t n, size_t skip, const char *last, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t bits = n * 8, made = 0;

	/* of the digits of 6 bits, those that begin at or behind p */
	for (size_t at = (6 - skip * 8 % 6) % 6; at + 6 <= bits; at += 6) {
		unsigned v = 0;

		for (size_t b = at; b < at + 6; b++)
			v = v << 1 |
			    ((unsigned char)p[b / 8] >> (7 - b % 8) & 1u);
		out[made++] = v < 62 ? digits[v] : last[v - 62];
	}
	return made;
}

void
echo_init(struct echo *e, const char *credential, size_t n)
{
	memset(e, 0, sizeof(*e));
	echo_add(e, credential, n);
}

void
echo_add(struct echo *e, const char *credential, size_t n)
{
	char *standard = mem_alloc(n * 2), *url = mem_alloc(n * 2);

	add_halves(e, credential, n);
	for (size_t skip = 0; skip < 3; skip++) {
		size_t len = encode(credential, n, skip, "+/", standard);

		encode(credential, n, skip, "-_", url);
		add_halves(e, standard, len);
		if (memcmp(standard, url, len) != 0)
			add_halves(e, url, len);
	}
	explicit_bzero(standard, n * 2);
	explicit_bzero(url, n * 2);
	free(standard);
	free(url);
}

void
echo_free(struct echo *e)
{
	for (size_t i = 0; i < e->n; i++) {
		explicit_bzero(e->needle[i].text, e->needle[i].n);
		free(e->needle[i].text);
	}
	memset(e, 0, sizeof(*e));
}

/* Whether one of the first count needles is in the tail and the n bytes. */
static int
find_needle(const struct echo *e, size_t count, struct echo_scan *s, int lane,
	    const char *p, size_t n)
{
	size_t keep = e->longest - 1, have = s->tail_n[lane];
	size_t more = n < keep ? n : keep;
	char *seam;

	for (size_t i = 0; i < count; i++)
		if (memmem(p, n, e->needle[i].text, e->needle[i].n))
			return 1;
	if (!s->tail[lane])
		s->tail[lane] = mem_alloc(keep * 2 + 1);
	seam = s->tail[lane];
	memcpy(seam + have, p, more);
	for (size_t i = 0; have > 0 && i < count; i++)
		if (memmem(seam, have + more, e->needle[i].text,
			   e->needle[i].n))
			return 1;
	/* the last of all of it is kept */
	if (n >= keep) {
		memcpy(seam, p + n - keep, keep);
		s->tail_n[lane] = keep;
	} else {
		size_t all = have + more, drop = all > keep ? all - keep : 0;

		memmove(seam, seam + drop, all - drop);
		s->tail_n[lane] = all - drop;
	}
	return 0;
}

static int
digit(char c)
{
	return c >= '0' && c <= '9'			? c - '0'
	       : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
							: -1;
}

/*
 * The n characters at p begin with "\" or "%".  The character that they stand
 * for, and how many they are to *used; -1 when they stand for themselves, -2
 * when there have to be more.
 */
static int
decode(const char *p, size_t n, size_t *used)
{
	size_t at = 1, digits = 2;
	int v = 0;

	if (*p == '\\') {
		if (n == 1)
			return -2;
		*used = 2;
		if (p[1] == '/')
			return '/';
		if (p[1] != 'u' && p[1] != 'x')
			return -1;
		at = 2;
		digits = p[1] == 'u' ? 4 : 2;
	}
	for (size_t i = 0; i < digits; i++) {
		if (at + i == n)
			return -2;
		if (digit(p[at + i]) < 0)
			return -1;
		v = v * 16 + digit(p[at + i]);
	}
	*used = at + digits;
	return v < 0x80 ? v : -1;
}

/* Decodes n bytes, which a piece of an escape may precede, to out of n + 8. */
static size_t
decode_all(struct echo_scan *s, const char *p, size_t n, char *out)
{
	size_t made = 0;

	for (size_t i = 0; i < n; i++) {
		size_t used = 0;
		int c;

		if (s->escape_n == 0 && p[i] != '\\' && p[i] != '%') {
			out[made++] = p[i];
			continue;
		}
		s->escape[s->escape_n++] = p[i];
		c = decode(s->escape, s->escape_n, &used);
		if (c == -2)
			continue;
		if (c >= 0)
			out[made++] = (char)c;
		else { /* it is none; its last byte may begin another */
			size_t last = s->escape_n - 1;
			int again = last > 0 &&
				    (p[i] == '%' || (p[i] == '\\' && last > 1));

			memcpy(out + made, s->escape, last + !again);
			made += last + !again;
			s->escape_n = 0;
			i -= again;
			continue;
		}
		s->escape_n = 0;
	}
	return made;
}

int
echo_found(const struct echo *e, struct echo_scan *s, const void *p, size_t n)
{
	char out[4096 + sizeof(s->escape)];
	const char *at = p;

	if (e->n == 0) /* there is no credential */
		return 0;
	if (find_needle(e, e->n, s, 0, p, n))
		return 1;
	while (n > 0) {
		size_t part = n < 4096 ? n : 4096;
		size_t made = decode_all(s, at, part, out);

		if (find_needle(e, 2, s, 1, out, made))
			return 1;
		at += part;
		n -= part;
	}
	return 0;
}

void
echo_end(struct echo_scan *s)
{
	for (int i = 0; i < 2; i++)
		free(s->tail[i]);
	memset(s, 0, sizeof(*s));
}
