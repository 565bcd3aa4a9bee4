#include "pen-shell/object.h"

#include <stdint.h>
#include <string.h>

#include "lib/err.h"

/* The longest string that is kept; longer ones are cut. */
#define STRING_MAX 1024

static const char *
skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *d = c ? strchr(digits, c) : NULL;

	return d ? (int)(d - digits) & 15 : -1;
}

/* The code unit of the four digits at p, or -1. */
static long
code_unit(const char *p)
{
	long c = 0;

	for (int i = 0; i < 4; i++) {
		int d = hex_digit(p[i]);

		if (d < 0)
			return -1;
		c = c * 16 + d;
	}
	return c;
}

/* Writes the character as UTF-8, a lone surrogate as U+FFFD. */
static size_t
encode(long c, char *out)
{
	if (c >= 0xd800 && c < 0xe000)
		c = 0xfffd;
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | c >> 12);
	out[1] = (char)(0x80 | (c >> 6 & 0x3f));
	out[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

/* The escape behind the backslash at p[-1]; its length, or 0. */
static size_t
escape(const char *p, char *out, size_t *n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *e = *p ? strchr(from, *p) : NULL;
	long c;

	if (e) {
		out[0] = to[e - from];
		*n = 1;
		return 1;
	}
	c = *p == 'u' ? code_unit(p + 1) : -1;
	if (c < 0)
		return 0;
	*n = encode(c, out);
	return 5;
}

/* Reads the string at p into out, of STRING_MAX; behind it, or NULL. */
static const char *
read_string(const char *p, char *out, size_t *n)
{
	*n = 0;
	if (*p++ != '"')
		return NULL;
	while (*p != '"') {
		char c[3];
		size_t k = 1, len = 1;

		if ((unsigned char)*p < 0x20)
			return NULL;
		c[0] = *p++;
		if (c[0] == '\\') {
			len = escape(p, c, &k);
			if (len == 0)
				return NULL;
			p += len;
		}
		if (*n + k <= STRING_MAX) {
			memcpy(out + *n, c, k);
			*n += k;
		}
	}
	return p + 1;
}

/* Reads the value at p; behind it, or NULL. */
static const char *
read_value(const char *p, char *out, size_t *n)
{
	if (*p == '"')
		return read_string(p, out, n);
	*n = strspn(p, "-+.0123456789abcdefghijklmnopqrstuvwxyzE");
	if (*n == 0 || *n > STRING_MAX)
		return NULL;
	memcpy(out, p, *n);
	return p + *n;
}

int
object_get(const char *text, const char *key, char *out, size_t size)
{
	char name[STRING_MAX], value[STRING_MAX];
	const char *p = skip_blanks(text);
	size_t n, k;

	out[0] = '\0';
	if (*p++ != '{')
		return -1;
	for (;;) {
		p = read_string(skip_blanks(p), name, &n);
		if (!p)
			return -1;
		p = skip_blanks(p);
		if (*p++ != ':')
			return -1;
		p = read_value(skip_blanks(p), value, &k);
		if (!p)
			return -1;
		if (n == strlen(key) && memcmp(name, key, n) == 0) {
			err_visible(out, size, value, k);
			return 0;
		}
		p = skip_blanks(p);
		if (*p++ != ',')
			return -1;
	}
}

int
object_true(const char *text, const char *key)
{
	char value[8];

	return object_get(text, key, value, sizeof(value)) == 0 &&
	       strcmp(value, "true") == 0;
}
