#include "pen/gitfile.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define BLANK " \t\r"

/* What is being read.  No word is longer than the text. */
struct reader {
	const char *s;
	char *section, *sub, *name, *value;
	int has_sub;
};

char *
gitfile_line(const char *text, const char *prefix)
{
	size_t n = strlen(prefix), len;

	if (strncmp(text, prefix, n) != 0)
		return NULL;
	text += n;
	len = strcspn(text, "\r\n");
	return len ? mem_part(text, len) : NULL;
}

/* Takes letters, digits and what is in more, in lower case, to out. */
static void
take_word(struct reader *r, char *out, const char *more)
{
	while (isalnum((unsigned char)*r->s) || (*r->s && strchr(more, *r->s)))
		*out++ = (char)tolower((unsigned char)*r->s++);
	*out = '\0';
}

/* [section "sub"], or [section.sub] as it was once. */
static void
take_section(struct reader *r)
{
	char *out = r->sub;

	r->s++;
	take_word(r, r->section, "-");
	r->has_sub = *r->s == '.';
	if (r->has_sub) {
		r->s++;
		take_word(r, r->sub, "-.");
	}
	r->s += strspn(r->s, BLANK);
	if (*r->s == '"') {
		for (r->s++; *r->s && !strchr("\"\n", *r->s); r->s++) {
			if (*r->s == '\\' && r->s[1] && r->s[1] != '\n')
				r->s++;
			*out++ = *r->s;
		}
		*out = '\0';
		r->has_sub = 1;
		r->s += *r->s == '"';
	}
	r->s += strcspn(r->s, "]\n");
	r->s += *r->s == ']';
}

/* What "\c" stands for; a newline that is escaped goes on with the line. */
static char
escaped(char c)
{
	return c == 'n' ? '\n' : c == 't' ? '\t' : c == 'b' ? '\b' : c;
}

/* The value, up to the end of the line or a comment. */
static void
take_value(struct reader *r)
{
	size_t n = 0, keep = 0; /* blanks at the end are not kept */
	int quoted = 0;

	r->s += strspn(r->s, BLANK);
	for (; *r->s && *r->s != '\n'; r->s++) {
		char c = *r->s;

		if (c == '"') {
			quoted = !quoted;
			keep = n;
			continue;
		}
		if (!quoted && (c == '#' || c == ';'))
			break;
		if (c == '\\') {
			c = *++r->s;
			if (c == '\0')
				break;
			if (c == '\r' && r->s[1] == '\n')
				c = *++r->s;
			if (c == '\n')
				continue;
			r->value[n++] = escaped(c);
			keep = n;
			continue;
		}
		r->value[n++] = c;
		if (quoted || !strchr(BLANK, c))
			keep = n;
	}
	r->value[keep] = '\0';
}

static void
take_variable(struct reader *r, gitfile_fn *fn, void *arg)
{
	struct gitfile_variable var = {.section = r->section, .name = r->name};

	take_word(r, r->name, "-");
	r->s += strspn(r->s, BLANK);
	if (*r->s == '=') {
		r->s++;
		take_value(r);
		var.value = r->value;
	} else if (*r->s && !strchr("#;\n", *r->s)) {
		r->s += strcspn(r->s, "\n"); /* no variable after all */
		return;
	}
	var.sub = r->has_sub ? r->sub : NULL;
	fn(arg, &var);
}

void
gitfile_each(const char *text, gitfile_fn *fn, void *arg)
{
	size_t size = strlen(text) + 1;
	char *words = mem_alloc(4 * size);
	struct reader r = {.s = text,
			   .section = words,
			   .sub = words + size,
			   .name = words + 2 * size,
			   .value = words + 3 * size};

	if (strncmp(r.s, "\xef\xbb\xbf", 3) == 0)
		r.s += 3;
	while (*(r.s += strspn(r.s, BLANK "\n"))) {
		if (*r.s == '[') {
			take_section(&r);
			continue; /* a variable may follow on the line */
		}
		if (isalpha((unsigned char)*r.s))
			take_variable(&r, fn, arg);
		r.s += strcspn(r.s, "\n");
	}
	free(words);
}

struct wanted {
	const char *section, *name;
	char *value;
};

static void
keep_wanted(void *arg, const struct gitfile_variable *var)
{
	struct wanted *w = arg;

	if (var->sub || !var->value || strcmp(var->section, w->section) != 0 ||
	    strcmp(var->name, w->name) != 0)
		return;
	free(w->value);
	w->value = mem_copy(var->value);
}

char *
gitfile_value(const char *text, const char *section, const char *name)
{
	struct wanted w = {section, name, NULL};

	gitfile_each(text, keep_wanted, &w);
	return w.value;
}
