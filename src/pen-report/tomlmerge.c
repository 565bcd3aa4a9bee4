/*
 * Codex's config.toml, of which a run writes whether a directory is trusted,
 * which model answers, and that it has looked for a screen reader: lines of
 * their own, which are no news.  The host gets the model; everything else is
 * held, and this decides whether that is told.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "pen-report/keymerge.h"

/* Whether text has a line of these n bytes. */
static int
has_line(const char *text, const char *line, size_t n)
{
	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += at != text;
		if (strncmp(at, line, n) == 0 &&
		    (at[n] == '\n' || at[n] == '\0'))
			return 1;
	}
	return 0;
}

static int
starts_with(const char *line, size_t n, const char *word)
{
	return n >= strlen(word) && strncmp(line, word, strlen(word)) == 0;
}

/* What the host gets: which model answers, and how hard it tries. */
static const char *const data[] = {"model = ", "model_reasoning_effort = "};

/* Whether the line is one of these, with a plain word for its value. */
static int
is_data(const char *line, size_t n)
{
	static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789._:/-";

	for (size_t i = 0; i < sizeof(data) / sizeof(*data); i++) {
		size_t k = strlen(data[i]), w;

		if (!starts_with(line, n, data[i]) || line[k] != '"')
			continue;
		w = strspn(line + k + 1, word);
		return w > 0 && w <= 64 && k + w + 2 == n && line[n - 1] == '"';
	}
	return 0;
}

/* A line that the run added, in that table; "" is none. */
static int
is_own(const char *line, size_t n, const char *table)
{
	if (n == 0 || *line == '#')
		return 1;
	/* what goes on over lines is understood by nobody here */
	if (memchr(line, '{', n) || memchr(line, '\'', n) ||
	    memmem(line, n, "\"\"\"", 3))
		return 0;
	if (*line == '[')
		return starts_with(line, n, "[projects.") ||
		       starts_with(line, n, "[notice") ||
		       (n == 5 && starts_with(line, n, "[tui]")) ||
		       starts_with(line, n, "[tui.model_availability_nux]");
	if (strncmp(table, "[projects.", 10) == 0)
		return starts_with(line, n, "trust_level = \"");
	if (strcmp(table, "[tui]") == 0)
		return starts_with(line, n, "screen_reader_detection_done = ");
	if (strncmp(table, "[notice", 7) == 0 ||
	    strcmp(table, "[tui.model_availability_nux]") == 0)
		return 1;
	return *table == '\0' && is_data(line, n);
}

/* Where the line of the key is in text before its first table, or NULL. */
static const char *
find_line(const char *text, const char *key)
{
	for (const char *at = text; *at && *at != '[';) {
		if (strncmp(at, key, strlen(key)) == 0)
			return at;
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	return NULL;
}

/*
 * Whether find_line understands all before the first table: no key in quotes,
 * no value that goes on over lines, and what it looks for in its form only.
 */
static int
is_plain(const char *text)
{
	for (const char *at = text; *at && *at != '[';) {
		size_t n = strcspn(at, "\n"), end = n, blank;

		blank = strspn(at, " \t\r");
		while (end > blank && strchr(" \t\r", at[end - 1]))
			end--;
		if (end > blank && at[blank] != '#' &&
		    (strchr("\"'[\xef", at[blank]) ||
		     strchr("[,{", at[end - 1]) ||
		     (memchr(at, '#', n) && memchr(at, '[', n)) ||
		     memmem(at, n, "\"\"\"", 3) || memmem(at, n, "'''", 3)))
			return 0;
		for (size_t i = 0; i < sizeof(data) / sizeof(*data); i++) {
			size_t k = strlen(data[i]) - 3; /* without " = " */

			if (strncmp(at + blank, data[i], k) == 0 &&
			    strchr(" \t.=", at[blank + k]) &&
			    !starts_with(at, n, data[i]))
				return 0;
		}
		at += n + (at[n] == '\n');
	}
	return 1;
}

/*
 * The host's text with the model that the run has chosen; the caller frees it.
 * The line takes the place of the host's, or is the first.
 */
char *
keymerge_toml(const char *then, const char *now, const char *draft)
{
	char *host = mem_copy(now);

	for (size_t i = 0; i < sizeof(data) / sizeof(*data); i++) {
		const char *was = find_line(then, data[i]), *old;
		const char *is = find_line(draft, data[i]);
		size_t n = is ? strcspn(is, "\n") : 0, before, k;
		char *next;

		if (!is || !is_data(is, n) ||
		    (was && strcspn(was, "\n") == n && memcmp(was, is, n) == 0))
			continue;
		if (!is_plain(now)) {
			free(host);
			return NULL;
		}
		old = find_line(host, data[i]);
		before = old ? (size_t)(old - host) : 0;
		k = old ? strcspn(old, "\n") : 0;
		next = mem_printf("%.*s%.*s%s%s", (int)before, host, (int)n, is,
				  old ? "" : "\n", host + before + k);
		free(host);
		host = next;
	}
	return host;
}

int
keymerge_toml_is_quiet(const char *base, const char *draft)
{
	char *table = mem_copy("");
	int quiet = 1;

	for (const char *at = base; quiet && *at;) {
		size_t n = strcspn(at, "\n");

		quiet = has_line(draft, at, n) || is_data(at, n);
		at += n + (at[n] == '\n');
	}
	for (const char *at = draft; quiet && *at;) {
		size_t n = strcspn(at, "\n");

		if (*at == '[') {
			free(table);
			table = mem_part(at, n);
		}
		quiet = has_line(base, at, n) || is_own(at, n, table);
		at += n + (at[n] == '\n');
	}
	free(table);
	return quiet;
}
