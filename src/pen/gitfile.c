#include "gitfile.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/mem.h"

#define BLANK " \t\r"

char *
gitfile_line(const char *text, const char *prefix)
{
	size_t n = strlen(prefix), len;

	if (strncmp(text, prefix, n) != 0)
		return NULL;
	text += n;
	len = strcspn(text, "\r\n");
	return len ? mem_printf("%.*s", (int)len, text) : NULL;
}

/* Whether the line at s is "[section]", and nothing but a comment after it. */
static int
is_section(const char *s, const char *section)
{
	size_t n = strlen(section);

	s += 1 + strspn(s + 1, BLANK);
	if (strncasecmp(s, section, n) != 0)
		return 0;
	s += n;
	return s[strspn(s, BLANK)] == ']';
}

/* A value's text as git-config(1) reads it, up to the end of the line. */
static char *
unquote(const char *s)
{
	char *out = mem_alloc(strcspn(s, "\n") + 1);
	size_t n = 0, keep = 0; /* blanks at the end are not kept */
	int quoted = 0;

	for (; *s && *s != '\n'; s++) {
		char c = *s;

		if (c == '"') {
			quoted = !quoted;
			keep = n;
			continue;
		}
		if (!quoted && (c == '#' || c == ';'))
			break;
		if (c == '\\') {
			c = *++s;
			if (c == '\0' || c == '\n')
				break;
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
			keep = n + 1;
		}
		out[n++] = c;
		if (quoted || !strchr(BLANK, c))
			keep = n;
	}
	out[keep] = '\0';
	return out;
}

char *
gitfile_value(const char *text, const char *section, const char *key)
{
	size_t n = strlen(key);
	char *value = NULL;
	int inside = 0;

	for (const char *s = text; *s; s += *s == '\n') {
		s += strspn(s, BLANK);
		if (*s == '[')
			inside = is_section(s, section);
		else if (inside && strncasecmp(s, key, n) == 0) {
			const char *eq = s + n + strspn(s + n, BLANK);

			if (*eq == '=') {
				free(value);
				eq++;
				value = unquote(eq + strspn(eq, BLANK));
			}
		}
		s += strcspn(s, "\n");
	}
	return value;
}
