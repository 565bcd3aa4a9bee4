#include "lib/gitkeys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define BLANK " \t"

/* More variables than any file has. */
#define KEYS_MAX 100000

struct reader {
	const char *text, *s;
	char *section, *sub; /* of the last header; NULL before the first */
	int on_header;	     /* nothing but blanks since it */
};

/* A growing text. */
struct out {
	char *p;
	size_t n, room;
};

static void
put(struct out *o, const char *p, size_t n)
{
	if (o->room - o->n < n + 1) {
		o->room = (o->room + n + 1) * 2;
		o->p = mem_grow(o->p, o->room, 1);
	}
	memcpy(o->p + o->n, p, n);
	o->n += n;
	o->p[o->n] = '\0';
}

static void
put_text(struct out *o, const char *text)
{
	put(o, text, strlen(text));
}

static char *
lower_word(const char *s, size_t n)
{
	char *word = mem_part(s, n);

	for (char *c = word; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return word;
}

static size_t
word_length(const char *s, const char *more)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || (s[n] && strchr(more, s[n])))
		n++;
	return n;
}

/* The quoted subsection at r->s; NULL where it is none. */
static char *
take_sub(struct reader *r)
{
	struct out o = {0};

	put(&o, "", 0);
	for (r->s++; *r->s != '"'; r->s++) {
		if (*r->s == '\\')
			r->s++;
		if (*r->s == '\0' || *r->s == '\n') {
			free(o.p);
			return NULL;
		}
		put(&o, r->s, 1);
	}
	r->s++;
	return o.p;
}

/* [section], [section "sub"], or [section.sub] as it was once.  0, or -1. */
static int
take_header(struct reader *r)
{
	const char *begin = ++r->s, *dot;
	size_t n = word_length(r->s, "-.");

	free(r->section);
	free(r->sub);
	r->sub = NULL;
	r->section = lower_word(begin, n);
	r->s += n;
	dot = strchr(r->section, '.');
	if (dot) {
		r->sub = mem_copy(dot + 1);
		r->section[dot - r->section] = '\0';
	}
	if (*r->section == '\0' || (dot && !*r->sub))
		return -1;
	if (strchr(BLANK, *r->s) && *r->s) {
		r->s += strspn(r->s, BLANK);
		if (*r->s != '"' || r->sub)
			return -1;
		r->sub = take_sub(r);
		if (!r->sub)
			return -1;
	}
	r->on_header = 1;
	return *r->s++ == ']' ? 0 : -1;
}

/*
 * The escaped character at r->s, behind "\": put to o, with *keep; 0, or -1.
 */
static int
take_escape(struct reader *r, struct out *o, size_t *keep)
{
	static const char from[] = "ntb\"\\", to[] = "\n\t\b\"\\";
	const char *at;

	r->s++;
	if (*r->s == '\r' && r->s[1] == '\n')
		r->s++;
	if (*r->s == '\n')
		return 0;
	at = *r->s ? strchr(from, *r->s) : NULL;
	if (!at)
		return -1;
	put(o, to + (at - from), 1);
	*keep = o->n;
	return 0;
}

/* The value up to the end of the line or a comment; NULL where it is none. */
static char *
take_value(struct reader *r)
{
	struct out o = {0};
	size_t keep = 0; /* blanks at the end are not kept */
	int quoted = 0;

	put(&o, "", 0);
	r->s += strspn(r->s, BLANK);
	for (; *r->s && *r->s != '\n'; r->s++) {
		char c = *r->s;

		if (c == '\r' && r->s[1] == '\n')
			continue;
		if (c == '"') {
			quoted = !quoted;
			keep = o.n;
		} else if (!quoted && (c == '#' || c == ';')) {
			r->s += strcspn(r->s, "\n");
			break;
		} else if (c == '\\') {
			if (take_escape(r, &o, &keep) < 0)
				goto bad;
		} else {
			put(&o, &c, 1);
			if (quoted || !strchr(BLANK, c))
				keep = o.n;
		}
	}
	if (quoted)
		goto bad;
	o.p[keep] = '\0';
	return o.p;
bad:
	free(o.p);
	return NULL;
}

/* name, or name = value, up to the end of the line.  0, or -1. */
static int
take_variable(struct reader *r, struct gitkeys *k)
{
	size_t n = word_length(r->s, "-");
	struct gitkey key = {.begin = (size_t)(r->s - r->text),
			     .on_header = r->on_header};
	const char *line = r->s;

	if (!r->section || k->n == KEYS_MAX)
		return -1;
	/* with the blanks before it, where it has a line of its own */
	while (!key.on_header && key.begin > 0 &&
	       strchr(BLANK, r->text[key.begin - 1]))
		key.begin--;
	r->s += n;
	r->s += strspn(r->s, BLANK);
	if (*r->s == '=') {
		r->s++;
		key.value = take_value(r);
		if (!key.value)
			return -1;
	} else if (*r->s == '#' || *r->s == ';') {
		r->s += strcspn(r->s, "\n");
	} else if (*r->s == '\r' && r->s[1] == '\n') {
		r->s++;
	} else if (*r->s && *r->s != '\n') {
		return -1;
	}
	r->s += *r->s == '\n';
	key.end = (size_t)(r->s - r->text);
	key.section = mem_copy(r->section);
	key.sub = r->sub ? mem_copy(r->sub) : NULL;
	key.name = lower_word(line, n);
	k->v = mem_room(k->v, k->n, sizeof(*k->v));
	k->v[k->n++] = key;
	r->on_header = 0;
	return 0;
}

int
gitkeys_parse(struct gitkeys *k, const char *text, size_t n)
{
	struct reader r = {.text = text, .s = text};
	int bad = strlen(text) != n;

	*k = (struct gitkeys){0};
	while (!bad && *r.s) {
		if (strchr(BLANK, *r.s)) {
			r.s++;
		} else if (*r.s == '\n') {
			r.on_header = 0;
			r.s++;
		} else if (*r.s == '\r' && r.s[1] == '\n') {
			r.s++;
		} else if (*r.s == '#' || *r.s == ';') {
			r.s += strcspn(r.s, "\n");
		} else if (*r.s == '[') {
			bad = r.on_header || take_header(&r) < 0;
		} else {
			bad = !isalpha((unsigned char)*r.s) ||
			      take_variable(&r, k) < 0;
		}
	}
	free(r.section);
	free(r.sub);
	if (bad)
		gitkeys_free(k);
	return bad ? -1 : 0;
}

void
gitkeys_free(struct gitkeys *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->v[i].section);
		free(k->v[i].sub);
		free(k->v[i].name);
		free(k->v[i].value);
	}
	free(k->v);
	*k = (struct gitkeys){0};
}

static int
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int
same_section(const struct gitkey *a, const struct gitkey *b)
{
	return strcmp(a->section, b->section) == 0 && same_text(a->sub, b->sub);
}

int
gitkeys_same(const struct gitkey *a, const struct gitkey *b)
{
	return strcmp(a->name, b->name) == 0 && same_section(a, b);
}

/* The next variable that is key's, from *i on; NULL when there is none. */
static const struct gitkey *
next_of(const struct gitkeys *k, const struct gitkey *key, size_t *i)
{
	while (*i < k->n) {
		const struct gitkey *found = &k->v[(*i)++];

		if (gitkeys_same(found, key))
			return found;
	}
	return NULL;
}

int
gitkeys_equal(const struct gitkeys *a, const struct gitkeys *b,
	      const struct gitkey *key)
{
	size_t i = 0, k = 0;

	for (;;) {
		const struct gitkey *x = next_of(a, key, &i);
		const struct gitkey *y = next_of(b, key, &k);

		if (!x || !y)
			return !x && !y;
		if (!same_text(x->value, y->value))
			return 0;
	}
}

/* A value in quotes, which git needs for some bytes and takes for all. */
static void
put_value(struct out *o, const char *value)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789-_./:@+*=,~^%";

	if (*value && value[strspn(value, plain)] == '\0') {
		put_text(o, value);
		return;
	}
	put(o, "\"", 1);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			put(o, "\\", 1);
		if (*value == '\n')
			put_text(o, "\\n");
		else if (*value == '\t')
			put_text(o, "\\t");
		else if (*value == '\b')
			put_text(o, "\\b");
		else
			put(o, value, 1);
	}
	put(o, "\"", 1);
}

static void
put_values(struct out *o, const struct gitkeys *from, const struct gitkey *key)
{
	const struct gitkey *v;
	size_t i = 0;

	if (o->n > 0 && o->p[o->n - 1] != '\n')
		put(o, "\n", 1);
	while ((v = next_of(from, key, &i))) {
		put(o, "\t", 1);
		put_text(o, v->name);
		if (v->value) {
			put_text(o, " = ");
			put_value(o, v->value);
		}
		put(o, "\n", 1);
	}
}

/* [section "sub"] on a line of its own. */
static void
put_header(struct out *o, const struct gitkey *key)
{
	if (o->n > 0 && o->p[o->n - 1] != '\n')
		put(o, "\n", 1);
	put(o, "[", 1);
	put_text(o, key->section);
	if (key->sub) {
		put_text(o, " \"");
		for (const char *s = key->sub; *s; s++) {
			if (*s == '"' || *s == '\\')
				put(o, "\\", 1);
			put(o, s, 1);
		}
		put(o, "\"", 1);
	}
	put_text(o, "]\n");
}

/* A carriage return is not written by git in a way that it reads again. */
static int
can_write(const struct gitkeys *from, const struct gitkey *key, size_t *n)
{
	const struct gitkey *v;
	size_t i = 0;

	for (*n = 0; (v = next_of(from, key, &i)); ++*n)
		if (v->value && strchr(v->value, '\r'))
			return 0;
	return 1;
}

char *
gitkeys_take(const char *text, const struct gitkeys *from,
	     const struct gitkey *key)
{
	struct gitkeys had;
	struct out o = {0};
	size_t at = 0, values, last = 0;
	int in_section = 0;

	if (!can_write(from, key, &values) ||
	    gitkeys_parse(&had, text, strlen(text)) < 0)
		return NULL;
	/* behind the last variable of the section, or a section of its own */
	for (size_t i = 0; i < had.n; i++)
		if (same_section(&had.v[i], key)) {
			last = i;
			in_section = 1;
		}
	put(&o, "", 0);
	for (size_t i = 0; i < had.n; i++) {
		const struct gitkey *v = &had.v[i];
		int same = gitkeys_same(v, key);

		put(&o, text + at, (same ? v->begin : v->end) - at);
		if (same && v->on_header)
			put(&o, "\n", 1);
		at = v->end;
		if (in_section && i == last)
			put_values(&o, from, key);
	}
	put(&o, text + at, strlen(text) - at);
	if (!in_section && values > 0) {
		put_header(&o, key);
		put_values(&o, from, key);
	}
	gitkeys_free(&had);
	return o.p;
}

char *
gitkeys_name(const struct gitkey *key)
{
	return mem_printf("%s%s%s.%s", key->section, key->sub ? "." : "",
			  key->sub ? key->sub : "", key->name);
}
