#include "pen-key/members.h"

#include <string.h>
#include <strings.h>

/* What is read next. */
enum {
	BEGIN,	   /* the body's "{" */
	NAME,	   /* a member's name, or "}" */
	NAME_ONLY, /* behind a comma */
	IN_NAME,
	COLON,
	VALUE,	    /* or, at the start of an array, "]" */
	VALUE_ONLY, /* behind a comma */
	IN_VALUE,   /* a string */
	IN_WORD,    /* a number, true, false or null */
	BEHIND,	    /* a value: a comma or an end */
	END
};

void
members_init(struct members *m, const struct api *api)
{
	memset(m, 0, sizeof(*m));
	m->api = api;
}

static int
fail(struct members *m, const char *why)
{
	m->why = why;
	return -1;
}

static int
is_listed(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0)
			return 1;
	return 0;
}

/*
 * Whether the path to the member that is read ends as path says: "tools.*.type"
 * where "*" is an array's place.
 */
static int
ends_with(const struct members *m, const char *path)
{
	const char *end = path + strlen(path);
	int at = m->depth - 1;

	while (end > path) {
		const char *dot = memrchr(path, '.', (size_t)(end - path));
		const char *part = dot ? dot + 1 : path;
		size_t n = (size_t)(end - part);

		if (at < 0)
			return 0;
		if (n == 1 && *part == '*') {
			if (!m->level[at].is_array)
				return 0;
		} else if (m->level[at].is_array ||
			   strncmp(m->level[at].name, part, n) != 0 ||
			   m->level[at].name[n] != '\0') {
			return 0;
		}
		at--;
		end = dot ? dot : path;
	}
	return 1;
}

/* Whether the value begins with one of the words, which "|" separates. */
static int
begins_with(const char *value, const char *words)
{
	size_t n;

	for (; *words; words += n + (words[n] == '|')) {
		n = strcspn(words, "|");
		if (strncasecmp(value, words, n) == 0)
			return 1;
	}
	return 0;
}

/* Whether it begins as the rule says, or in no way that is behind its "!". */
static int
is_refused(const char *rule, const char *value)
{
	return *rule == '!' ? !begins_with(value, rule + 1)
			    : begins_with(value, rule);
}

/* Refuses the member that is read, of this value. */
static int
check_member(struct members *m, const char *value)
{
	if (m->free_at)
		return 0;
	for (const struct api_member *r = m->api->refused; r->path; r++) {
		/* the last name decides almost always */
		if (!ends_with(m, r->path))
			continue;
		if (!r->value || is_refused(r->value, value))
			return fail(m, r->why);
	}
	return 0;
}

static void
begin_text(struct members *m, int state)
{
	m->state = (uint8_t)state;
	m->text_n = m->over = 0;
}

static void
add_text(struct members *m, char c)
{
	if (m->text_n == sizeof(m->text) - 1)
		m->over = 1;
	else
		m->text[m->text_n++] = c;
}

/*
 * What no case tells apart of p's first letter: it may be a long s or the sign
 * of the kelvin, which Go's encoding/json takes for "s" and "k".  Moves *i to
 * the letter's last byte; m->text ends with NUL.
 */
static char
fold(const char *p, size_t *i)
{
	if (strncmp(p, "\xc5\xbf", 2) == 0) {
		*i += 1;
		return 's';
	}
	if (strncmp(p, "\xe2\x84\xaa", 3) == 0) {
		*i += 2;
		return 'k';
	}
	return (char)(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
}

/* The string that was read is the name of a member. */
static int
take_name(struct members *m)
{
	struct members_level *l = &m->level[m->depth - 1];
	size_t n = 0;

	m->text[m->text_n] = '\0';
	for (size_t i = 0; i < m->text_n && n < sizeof(l->name) - 1; i++)
		if (m->text[i] != '_')
			l->name[n++] = fold(m->text + i, &i);
	/* a longer one is not one that anybody looks for */
	if (m->over)
		n = 0;
	l->name[n] = '\0';
	m->state = COLON;
	return 0;
}

/* A string or word that was read is a value. */
static int
take_value(struct members *m)
{
	m->text[m->text_n] = '\0';
	m->state = BEHIND;
	return check_member(m, m->text);
}

static int
open_level(struct members *m, int is_array)
{
	const struct members_level *l =
	    m->depth ? &m->level[m->depth - 1] : NULL;

	if (l && check_member(m, is_array ? "[" : "{") < 0)
		return -1;
	if (l && !m->free_at && !l->is_array &&
	    is_listed(m->api->free, l->name))
		m->free_at = m->depth;
	if (m->depth == MEMBERS_DEPTH)
		return fail(m, "the body is nested too deeply");
	m->level[m->depth].name[0] = '\0';
	m->level[m->depth++].is_array = (uint8_t)is_array;
	m->state = is_array ? VALUE : NAME;
	return 0;
}

static int
close_level(struct members *m, int is_array)
{
	if (m->level[m->depth - 1].is_array != is_array)
		return fail(m, "the body is not JSON");
	m->depth--;
	if (m->free_at == m->depth)
		m->free_at = 0;
	m->state = m->depth ? BEHIND : END;
	return 0;
}

/* Whether a byte is in any UTF-8; those that are not spell ASCII in two. */
static int
is_utf8(uint8_t c)
{
	return c < 0xf5 && c != 0xc0 && c != 0xc1;
}

/* A byte of a string, or of an escape in it. */
static int
in_string(struct members *m, uint8_t c)
{
	static const char escapes[] = "\"\\/bfnrt", plain[] = "\"\\/\b\f\n\r\t";
	const char *e;

	if (m->hex) {
		unsigned digit = c >= '0' && c <= '9' ? c - 48u
				 : (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
				     ? (c | 0x20u) - 87u
				     : 16u;

		if (digit == 16)
			return fail(m, "the body is not JSON");
		m->code = (uint16_t)(m->code << 4 | digit);
		if (--m->hex == 0)
			add_text(m, m->code == 0x17f	? 's' /* fold() */
				    : m->code == 0x212a ? 'k'
				    : m->code && m->code < 0x80 ? (char)m->code
								: '\001');
		return 0;
	}
	if (m->escape) {
		m->escape = 0;
		e = c ? strchr(escapes, c) : NULL;
		if (c == 'u')
			m->hex = 4, m->code = 0;
		else if (e)
			add_text(m, plain[e - escapes]);
		else
			return fail(m, "the body is not JSON");
		return 0;
	}
	if (c == '\\')
		m->escape = 1;
	else if (c == '"')
		return m->state == IN_NAME ? take_name(m) : take_value(m);
	else if (c < ' ' || !is_utf8(c))
		return fail(m, "the body is not JSON in UTF-8");
	else
		add_text(m, (char)c);
	return 0;
}

static int
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static int
is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' ||
	       c == '+' || c == '.' || c == 'E';
}

/* The first byte of a value, or the end of an empty array. */
static int
begin_value(struct members *m, uint8_t c)
{
	if (c == '"')
		begin_text(m, IN_VALUE);
	else if (c == '{' || c == '[')
		return open_level(m, c == '[');
	else if (c == ']' && m->state == VALUE && m->depth &&
		 m->level[m->depth - 1].is_array)
		return close_level(m, 1);
	else if (is_word(c)) {
		begin_text(m, IN_WORD);
		add_text(m, (char)c);
	} else {
		return fail(m, "the body is not JSON");
	}
	return 0;
}

/* A byte outside strings and words. */
static int
take_structure(struct members *m, uint8_t c)
{
	switch (m->state) {
	case BEGIN:
		return c == '{' ? open_level(m, 0)
				: fail(m, "the body is not a JSON object");
	case NAME:
		if (c == '}')
			return close_level(m, 0);
		/* fallthrough */
	case NAME_ONLY:
		begin_text(m, IN_NAME);
		return c == '"' ? 0 : fail(m, "the body is not JSON");
	case COLON:
		m->state = VALUE_ONLY;
		return c == ':' ? 0 : fail(m, "the body is not JSON");
	case VALUE:
	case VALUE_ONLY:
		return begin_value(m, c);
	case BEHIND:
		if (c == ',') {
			m->state = m->level[m->depth - 1].is_array ? VALUE_ONLY
								   : NAME_ONLY;
			return 0;
		}
		if (c == '}' || c == ']')
			return close_level(m, c == ']');
		/* fallthrough */
	default:
		return fail(m, "the body is not JSON");
	}
}

/* How many of the n bytes at p are a string's that nothing has to be done
 * about. */
static size_t
plain_bytes(const uint8_t *p, size_t n)
{
	size_t i = 0;

	while (i < n && p[i] >= ' ' && p[i] != '"' && p[i] != '\\' &&
	       is_utf8(p[i]))
		i++;
	return i;
}

int
members_scan(struct members *m, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n && !m->why; i++) {
		if (m->state == IN_NAME || m->state == IN_VALUE) {
			if (m->over && !m->escape && !m->hex)
				i += plain_bytes(p + i, n - i);
			if (i < n)
				in_string(m, p[i]);
			continue;
		}
		if (m->state == IN_WORD) {
			if (is_word(p[i])) {
				add_text(m, (char)p[i]);
				continue;
			}
			if (take_value(m) < 0)
				break;
		}
		if (!is_blank(p[i]))
			take_structure(m, p[i]);
	}
	return m->why ? -1 : 0;
}

int
members_end(struct members *m)
{
	if (!m->why && m->state != END)
		fail(m, "the body is not whole");
	return m->why ? -1 : 0;
}
