#include "pen-ns/json.h"

#include <string.h>

#include "lib/mem.h"

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p;
}

/* Behind the string that begins at p. */
static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\' && end - p > 1)
			p++;
	return p < end ? p + 1 : end;
}

/* Behind the value that begins at p. */
static const char *
skip_value(const char *p, const char *end)
{
	size_t depth = 0;

	do {
		p = skip_blanks(p, end);
		if (p == end)
			break;
		if (*p == '"') {
			p = skip_string(p, end);
			continue;
		}
		if (*p == '{' || *p == '[')
			depth++;
		else if ((*p == '}' || *p == ']') && depth > 0)
			depth--;
		else if (depth == 0) {
			while (p < end && !is_blank(*p) && !strchr(",}]", *p))
				p++;
			break;
		}
		p++;
	} while (depth > 0);
	return p;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * The character at *p, which is moved behind it: -1 for one that no key has.
 * Escapes are another way to write the same key.
 */
static int
take_character(const char **p, const char *end)
{
	int c = (unsigned char)*(*p)++, v = 0;

	if (c != '\\' || *p == end)
		return c;
	c = (unsigned char)*(*p)++;
	if (c != 'u')
		return c == '"' || c == '\\' || c == '/' ? c : -1;
	for (int i = 0; i < 4; i++) {
		int h = *p < end ? hex(**p) : -1;

		if (h < 0)
			return -1;
		v = v * 16 + h;
		++*p;
	}
	return v < 0x80 ? v : -1;
}

/* Whether the string between p and end, its quotes, is key. */
static int
is_key(const char *p, const char *end, const char *key)
{
	for (p++, end--; p < end && *key; key++)
		if (take_character(&p, end) != (unsigned char)*key)
			return 0;
	return p == end && *key == '\0';
}

/* Appends the value between p and end, without its blanks, if it has any. */
static char *
append(char *out, const char *p, const char *end)
{
	static const char *const empty[] = {"{}", "[]", "null", "\"\""};
	const char *start = out;

	while (p < end) {
		const char *next = *p == '"' ? skip_string(p, end) : p + 1;

		if (!is_blank(*p)) {
			memcpy(out, p, (size_t)(next - p));
			out += next - p;
		}
		p = next;
	}
	for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++)
		if ((size_t)(out - start) == strlen(empty[i]) &&
		    memcmp(start, empty[i], strlen(empty[i])) == 0)
			return (char *)start;
	*out++ = '\n';
	return out;
}

char *
json_values(const char *text, size_t n, const char *key)
{
	const char *p = text, *end = text + n;
	char *values = mem_alloc(n + 2), *out = values;

	while (p < end) {
		const char *next;

		if (*p != '"') {
			p++;
			continue;
		}
		next = skip_string(p, end);
		if (next - p >= 2 && is_key(p, next, key)) {
			next = skip_blanks(next, end);
			if (next < end && *next == ':') {
				p = skip_blanks(next + 1, end);
				next = skip_value(p, end);
				out = append(out, p, next);
			}
		}
		p = next;
	}
	*out = '\0';
	return values;
}
