#include "pen-sni/hosts.h"

#include <string.h>
#include <strings.h>

#include "lib/rule.h"

#define BLANKS " \t\r\v\f"

/* Takes a word off the line that ends at end; its length, 0: there is none. */
static size_t
take_word(const char **at, const char *end, const char **word)
{
	while (*at < end && strchr(BLANKS, **at))
		++*at;
	*word = *at;
	while (*at < end && !strchr(BLANKS, **at))
		++*at;
	return (size_t)(*at - *word);
}

/* Takes a line without its comment off the text; 0: there is none. */
static int
take_line(const char **text, const char *end, const char **line,
	  const char **line_end)
{
	const char *newline, *comment;

	if (*text == end)
		return 0;
	newline = memchr(*text, '\n', (size_t)(end - *text));
	*line = *text;
	*line_end = newline ? newline : end;
	*text = newline ? newline + 1 : end;
	comment = memchr(*line, '#', (size_t)(*line_end - *line));
	if (comment)
		*line_end = comment;
	return 1;
}

static int
has_name(const char *at, const char *end, const char *name)
{
	char canonical[RULE_NAME_MAX + 1];
	const char *word;
	size_t n;

	while ((n = take_word(&at, end, &word)) > 0)
		if (rule_name(word, n, canonical) == 0 &&
		    strcmp(canonical, name) == 0)
			return 1;
	return 0;
}

size_t
hosts_find(const char *text, size_t n, const char *name, union addr *out,
	   size_t max)
{
	const char *end = text + n, *line, *line_end, *word;
	size_t found = 0;

	while (found < max && take_line(&text, end, &line, &line_end)) {
		size_t len = take_word(&line, line_end, &word);

		if (len > 0 && has_name(line, line_end, name) &&
		    addr_parse(word, len, &out[found]) == 0)
			found++;
	}
	return found;
}

/* The place of a source in the line, from 1; 0: it is not there. */
static int
place_of(const char *at, const char *end, const char *source)
{
	const char *word;
	size_t n;

	for (int i = 1; (n = take_word(&at, end, &word)) > 0; i++)
		if (n == strlen(source) && strncmp(word, source, n) == 0)
			return i;
	return 0;
}

enum hosts_order
hosts_order(const char *text, size_t n)
{
	const char *end = text + n, *line, *line_end, *word;

	while (take_line(&text, end, &line, &line_end)) {
		size_t len = take_word(&line, line_end, &word);
		int files, dns;

		if (len < 6 || strncasecmp(word, "hosts:", 6) != 0)
			continue;
		word += 6;
		files = place_of(word, line_end, "files");
		if (!files && !place_of(word, line_end, "resolve"))
			return HOSTS_NEVER;
		/* nss-resolve(8) reads the file before it asks */
		dns = place_of(word, line_end, "dns");
		return dns && dns < files ? HOSTS_LAST : HOSTS_FIRST;
	}
	return HOSTS_FIRST;
}
