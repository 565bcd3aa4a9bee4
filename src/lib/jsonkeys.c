#include "lib/jsonkeys.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define DEPTH_MAX 64
#define KEYS_MAX 100000

struct reader {
	const char *s, *end;
};

static void
skip_blanks(struct reader *r)
{
	while (r->s < r->end && (*r->s == ' ' || *r->s == '\t' ||
				 *r->s == '\n' || *r->s == '\r'))
		r->s++;
}

/* 1 and past it if c is next. */
static int
take_char(struct reader *r, char c)
{
	if (r->s == r->end || *r->s != c)
		return 0;
	r->s++;
	return 1;
}

static int
take_unicode(struct reader *r)
{
	for (int i = 0; i < 4; i++, r->s++)
		if (r->s == r->end || !*r->s ||
		    !strchr("0123456789abcdefABCDEF", *r->s))
			return -1;
	return 0;
}

/* Past the string whose quote is next; *plain: it has no escape.  0, or -1. */
static int
take_string(struct reader *r, int *plain)
{
	*plain = 1;
	if (!take_char(r, '"'))
		return -1;
	while (r->s < r->end && *r->s != '"') {
		char c = *r->s++;

		if ((unsigned char)c < 0x20)
			return -1;
		if (c != '\\')
			continue;
		*plain = 0;
		if (r->s == r->end)
			return -1;
		c = *r->s++;
		if (c == 'u' ? take_unicode(r) < 0
			     : !c || !strchr("\"\\/bfnrt", c))
			return -1;
	}
	return take_char(r, '"') ? 0 : -1;
}

static int
take_digits(struct reader *r)
{
	const char *begin = r->s;

	while (r->s < r->end && *r->s >= '0' && *r->s <= '9')
		r->s++;
	return r->s > begin ? 0 : -1;
}

static int
take_number(struct reader *r)
{
	take_char(r, '-');
	if (!take_char(r, '0') && take_digits(r) < 0)
		return -1;
	if (take_char(r, '.') && take_digits(r) < 0)
		return -1;
	if (take_char(r, 'e') || take_char(r, 'E')) {
		if (!take_char(r, '+'))
			take_char(r, '-');
		return take_digits(r);
	}
	return 0;
}

static int
take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->s) < n || memcmp(r->s, word, n) != 0)
		return -1;
	r->s += n;
	return 0;
}

/*
 * Past the value that is next.  The brackets that are open are a stack, so that
 * what is nested deeply costs no stack of ours.
 */
static int
take_value(struct reader *r)
{
	char open[DEPTH_MAX];
	int depth = 0, plain, after = 0;

	do {
		skip_blanks(r);
		if (r->s == r->end)
			return -1;
		if (after && (*r->s == '}' || *r->s == ']')) {
			if (*r->s++ != open[--depth])
				return -1;
			continue;
		}
		if (after && !take_char(r, ','))
			return -1;
		skip_blanks(r);
		if (depth > 0 && open[depth - 1] == '}') {
			if (take_string(r, &plain) < 0)
				return -1;
			skip_blanks(r);
			if (!take_char(r, ':'))
				return -1;
			skip_blanks(r);
		}
		after = 1;
		if (r->s == r->end)
			return -1;
		if (*r->s == '{' || *r->s == '[') {
			char close = *r->s++ == '{' ? '}' : ']';

			skip_blanks(r);
			if (take_char(r, close))
				continue;
			if (depth == DEPTH_MAX)
				return -1;
			open[depth++] = close;
			after = 0;
		} else if (*r->s == '"'	  ? take_string(r, &plain) < 0
			   : *r->s == 't' ? take_word(r, "true") < 0
			   : *r->s == 'f' ? take_word(r, "false") < 0
			   : *r->s == 'n' ? take_word(r, "null") < 0
					  : take_number(r) < 0) {
			return -1;
		}
	} while (depth > 0);
	return 0;
}

const struct jsonkey *
jsonkeys_find(const struct jsonkeys *k, const char *name, size_t n)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->v[i].name_n == n && memcmp(k->v[i].name, name, n) == 0)
			return &k->v[i];
	return NULL;
}

static int
by_name(const void *a, const void *b)
{
	const struct jsonkey *const *x = a, *const *y = b;
	size_t n = (*x)->name_n < (*y)->name_n ? (*x)->name_n : (*y)->name_n;
	int r = memcmp((*x)->name, (*y)->name, n);

	if (r == 0)
		r = ((*x)->name_n > (*y)->name_n) -
		    ((*x)->name_n < (*y)->name_n);
	return r;
}

/* A name twice is one value to one reader and another to the next. */
static int
has_twins(const struct jsonkeys *k)
{
	const struct jsonkey **v = mem_alloc(k->n * sizeof(*v));
	int twins = 0;

	for (size_t i = 0; i < k->n; i++)
		v[i] = &k->v[i];
	qsort(v, k->n, sizeof(*v), by_name);
	for (size_t i = 1; i < k->n; i++)
		twins |= by_name(&v[i - 1], &v[i]) == 0;
	free(v);
	return twins;
}

/* The members of an object whose "{" is past.  0, or -1. */
static int
take_members(struct jsonkeys *k, struct reader *r)
{
	int plain;

	skip_blanks(r);
	if (take_char(r, '}'))
		return 0;
	do {
		struct jsonkey key;

		skip_blanks(r);
		key.name = r->s + 1;
		if (k->n == KEYS_MAX || take_string(r, &plain) < 0 || !plain)
			return -1;
		key.name_n = (size_t)(r->s - 1 - key.name);
		skip_blanks(r);
		if (!take_char(r, ':'))
			return -1;
		skip_blanks(r);
		key.value = r->s;
		if (take_value(r) < 0)
			return -1;
		key.value_n = (size_t)(r->s - key.value);
		k->v = mem_room(k->v, k->n, sizeof(*k->v));
		k->v[k->n++] = key;
		skip_blanks(r);
	} while (take_char(r, ','));
	return take_char(r, '}') ? 0 : -1;
}

int
jsonkeys_parse(struct jsonkeys *k, const char *text, size_t n)
{
	struct reader r = {text, text + n};
	int bad;

	*k = (struct jsonkeys){0};
	skip_blanks(&r);
	bad = !take_char(&r, '{') || take_members(k, &r) < 0;
	skip_blanks(&r);
	if (!bad && r.s == r.end && (k->n < 2 || !has_twins(k)))
		return 0;
	free(k->v);
	*k = (struct jsonkeys){0};
	return -1;
}

/* The next byte that counts; blanks count in strings only.  0 at the end. */
static char
next_byte(const char **s, const char *end, int *in_string)
{
	while (!*in_string && *s < end && strchr(" \t\n\r", **s) && **s)
		++*s;
	if (*s == end)
		return 0;
	if (**s == '"')
		*in_string = !*in_string;
	else if (*in_string && **s == '\\' && *s + 1 < end)
		return *(*s)++; /* the next one is read as it is, below */
	return *(*s)++;
}

int
jsonkeys_equal(const struct jsonkey *a, const struct jsonkey *b)
{
	const char *s, *t, *s_end, *t_end;
	int in_s = 0, in_t = 0;

	if (!a || !b)
		return a == b;
	s = a->value;
	t = b->value;
	s_end = s + a->value_n;
	t_end = t + b->value_n;
	for (;;) {
		char c = next_byte(&s, s_end, &in_s);

		if (c != next_byte(&t, t_end, &in_t))
			return 0;
		if (c == 0)
			return 1;
		if (c == '\\' && in_s && in_t && s < s_end && t < t_end &&
		    *s++ != *t++)
			return 0;
	}
}

/* The text before at, then the three, then the text from rest on. */
static char *
splice_member(const char *text, const char *at, const char *begin,
	      const struct jsonkey *named, const char *name, size_t n,
	      const struct jsonkey *key, const char *end, const char *rest)
{
	if (named)
		return mem_printf("%.*s%.*s%s", (int)(at - text), text,
				  (int)key->value_n, key->value, rest);
	return mem_printf("%.*s%s\"%.*s\": %.*s%s%s", (int)(at - text), text,
			  begin, (int)n, name, (int)key->value_n, key->value,
			  end, rest);
}

/* The blanks before the first member: what a new one has before it, too. */
static char *
indent_of(const char *text, const struct jsonkey *first)
{
	const char *begin = first->name - 1;

	while (begin > text && strchr(" \t\n\r", begin[-1]))
		begin--;
	return mem_part(begin, (size_t)(first->name - 1 - begin));
}

/* Without the member i: with the comma before it, or the one behind. */
static char *
cut_member(const char *text, const struct jsonkeys *k, size_t i)
{
	const char *begin = k->v[i].name - 1;
	const char *end = k->v[i].value + k->v[i].value_n;

	if (i > 0)
		begin = k->v[i - 1].value + k->v[i - 1].value_n;
	else if (k->n > 1)
		end = k->v[1].name - 1;
	return mem_printf("%.*s%s", (int)(begin - text), text, end);
}

static char *
append(const char *text, const struct jsonkeys *k, const char *name, size_t n,
       const struct jsonkey *key)
{
	const struct jsonkey *last = k->n ? &k->v[k->n - 1] : NULL;
	const char *at =
	    last ? last->value + last->value_n : strchr(text, '{') + 1;
	char *indent = last ? indent_of(text, &k->v[0]) : mem_copy("\n  ");
	char *begin = mem_join(last ? "," : "", indent);
	char *out =
	    splice_member(text, at, begin, NULL, name, n, key, last ? "" : "\n",
			  last ? at : strchr(text, '}'));

	free(indent);
	free(begin);
	return out;
}

char *
jsonkeys_set(const char *text, const char *name, size_t n,
	     const struct jsonkey *key)
{
	const struct jsonkey *had;
	struct jsonkeys k;
	char *out;

	if (text[strspn(text, " \t\n\r")] == '\0')
		text = "{}\n";
	if (jsonkeys_parse(&k, text, strlen(text)) < 0)
		return NULL;
	had = jsonkeys_find(&k, name, n);
	if (had && key)
		out = splice_member(text, had->value, "", had, name, n, key, "",
				    had->value + had->value_n);
	else if (had)
		out = cut_member(text, &k, (size_t)(had - k.v));
	else if (key)
		out = append(text, &k, name, n, key);
	else
		out = mem_copy(text);
	free(k.v);
	return out;
}
