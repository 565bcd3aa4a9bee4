/*
 * What libconfuse reads, as far as it takes to find the end of a section:
 * words, strings in either quotes, comments of three kinds, and braces.
 */
#include "pen-ctl/edit.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

enum kind { END, WORD, STRING, OPEN, CLOSE, OTHER, BROKEN };

struct token {
	enum kind kind;
	const char *at; /* without the quotes */
	size_t n;
};

/* Behind blanks and comments; NULL where a comment is not closed. */
static const char *
skip(const char *s)
{
	for (;;) {
		s += strspn(s, " \t\r\n");
		if (*s == '#' || (s[0] == '/' && s[1] == '/')) {
			s += strcspn(s, "\n");
		} else if (s[0] == '/' && s[1] == '*') {
			s = strstr(s + 2, "*/");
			if (!s)
				return NULL;
			s += 2;
		} else {
			return s;
		}
	}
}

static const char *
string(const char *s, struct token *t)
{
	char quote = *s++;

	t->kind = BROKEN;
	t->at = s;
	for (; *s && *s != quote; s++)
		if (*s == '\\' && s[1])
			s++;
	if (*s != quote)
		return s;
	t->kind = STRING;
	t->n = (size_t)(s - t->at);
	return s + 1;
}

/* Reads a token; returns what is behind it. */
static const char *
next(const char *s, struct token *t)
{
	static const char special[] = " \t\r\n{}()=+,\"'#";

	s = skip(s);
	*t = (struct token){.kind = BROKEN};
	if (!s)
		return "";
	t->at = s;
	t->n = 1;
	switch (*s) {
	case '\0':
		t->kind = END;
		return s;
	case '{':
		t->kind = OPEN;
		return s + 1;
	case '}':
		t->kind = CLOSE;
		return s + 1;
	case '"':
	case '\'':
		return string(s, t);
	default:
		t->n = strcspn(s, special);
		t->kind = t->n ? WORD : OTHER;
		t->n = t->n ? t->n : 1;
		return s + t->n;
	}
}

static int
is(const struct token *t, const char *text)
{
	return (t->kind == WORD || t->kind == STRING) && t->n == strlen(text) &&
	       strncmp(t->at, text, t->n) == 0;
}

/*
 * Finds the section and writes where its contents begin and where its brace
 * closes; both NULL when there is none.  0, or -1: the text is broken.
 */
static int
find_section(const char *text, const char *kind, const char *title,
	     const char **begin, const char **close)
{
	struct token before = {.kind = END}, last = before, t;
	const char *s = text;
	int depth = 0, ours = 0;

	*begin = *close = NULL;
	for (;;) {
		s = next(s, &t);
		if (t.kind == BROKEN || (t.kind == CLOSE && depth == 0) ||
		    (t.kind == END && depth > 0))
			return -1;
		if (t.kind == END)
			return 0;
		if (t.kind == OPEN && depth++ == 0 && !*begin) {
			ours = is(&before, kind) && is(&last, title);
			if (ours)
				*begin = s;
		} else if (t.kind == CLOSE && --depth == 0 && ours) {
			*close = t.at;
			ours = 0;
		}
		before = last;
		last = t;
	}
}

/* Whether it can stand between double quotes as it is. */
static int
is_plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == '"' || *s == '\\' ||
		    *s == 0x7f || *s == '$')
			return 0;
	return 1;
}

static char *
setting(const char *key, const char *value)
{
	return mem_printf("%s += {\"%s\"}", key, value);
}

char *
edit_add(const char *text, const char *kind, const char *title, const char *key,
	 const char *value)
{
	size_t n = strlen(text);
	const char *begin, *close, *line;
	char *add, *out;

	if (!is_plain(value) || !is_plain(title) ||
	    find_section(text, kind, title, &begin, &close) < 0)
		return NULL;
	add = setting(key, value);
	if (!close) {
		out = mem_printf("%s%s%s%s \"%s\" {\n\t%s\n}\n", text,
				 n && text[n - 1] != '\n' ? "\n" : "",
				 n ? "\n" : "", kind, title, add);
		free(add);
		return out;
	}
	/* a brace alone on its line stays so */
	for (line = close; line > begin && strchr(" \t", line[-1]); line--)
		;
	if (line > begin && line[-1] == '\n')
		out = mem_printf("%.*s\t%s\n%s", (int)(line - text), text, add,
				 line);
	else
		out = mem_printf("%.*s\n\t%s\n%s", (int)(close - text), text,
				 add, close);
	free(add);
	return out;
}

char *
edit_remove(const char *text, const char *kind, const char *title,
	    const char *key, const char *value)
{
	const char *begin, *close, *s;
	char *add, *out = NULL;

	if (find_section(text, kind, title, &begin, &close) < 0 || !close)
		return NULL;
	add = mem_printf("\t%s += {\"%s\"}\n", key, value);
	for (s = begin; (s = strstr(s, add)) && s < close; s++) {
		if (s[-1] != '\n')
			continue;
		out = mem_printf("%.*s%s", (int)(s - text), text,
				 s + strlen(add));
		break;
	}
	free(add);
	return out;
}
