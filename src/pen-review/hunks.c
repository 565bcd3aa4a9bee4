#include "pen-review/hunks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"

/* A number of a hunk's head; NULL where there is none. */
static const char *
parse_number(const char *at, size_t *n)
{
	char *end;

	if (!at || *at < '0' || *at > '9')
		return NULL;
	*n = strtoul(at, &end, 10);
	return end;
}

/* "-FROM,LINES" or "+FROM,LINES"; without LINES it is one. */
static const char *
parse_range(const char *at, char sign, size_t *from, size_t *lines)
{
	*lines = 1;
	if (!at || *at != sign)
		return NULL;
	at = parse_number(at + 1, from);
	if (at && *at == ',')
		at = parse_number(at + 1, lines);
	/* of no lines it is the line before */
	if (at && *lines > 0 && (*from)-- == 0)
		return NULL;
	return at;
}

static const char *
next_line(const char *at)
{
	at += strcspn(at, "\n");
	return at + (*at == '\n');
}

int
hunks_parse(struct hunk **v, size_t *n, const char *diff)
{
	*v = NULL;
	*n = 0;
	for (const char *at = diff; *at; at = next_line(at)) {
		struct hunk h = {.text = at};
		const char *head;

		if (strncmp(at, "@@ ", 3) != 0)
			continue;
		head = parse_range(at + 3, '-', &h.from, &h.lines);
		head = head && *head == ' '
			   ? parse_range(head + 1, '+', &h.to, &h.own)
			   : NULL;
		if (!head || strncmp(head, " @@", 3) != 0) {
			free(*v);
			return -1;
		}
		*v = mem_room(*v, *n, sizeof(**v));
		(*v)[(*n)++] = h;
	}
	for (size_t i = 0; i < *n; i++)
		(*v)[i].n = i + 1 < *n
				? (size_t)((*v)[i + 1].text - (*v)[i].text)
				: strlen((*v)[i].text);
	return 0;
}

/* Where the line that many behind at begins, or NULL. */
static const char *
skip_lines(const char *at, size_t lines)
{
	for (; lines > 0; lines--) {
		if (!*at)
			return NULL;
		at = next_line(at);
	}
	return at;
}

char *
hunks_apply(const struct hunk *v, size_t n, const char *old_text,
	    const char *new_text, size_t *len)
{
	const char *a = old_text, *b = new_text;
	size_t line_a = 0, line_b = 0;
	char *text = NULL;
	FILE *f = open_memstream(&text, len);
	int bad = 0;

	if (!f)
		die(ERR_TOOL, "out of memory");
	for (size_t i = 0; i < n && !bad; i++) {
		const char *from, *end, *to, *to_end;

		if (v[i].from < line_a || v[i].to < line_b) {
			bad = 1;
			break;
		}
		from = skip_lines(a, v[i].from - line_a);
		end = from ? skip_lines(from, v[i].lines) : NULL;
		to = skip_lines(b, v[i].to - line_b);
		to_end = to ? skip_lines(to, v[i].own) : NULL;
		if (!end || !to_end) {
			bad = 1;
			break;
		}
		fwrite(a, 1, (size_t)(from - a), f);
		if (v[i].take)
			fwrite(to, 1, (size_t)(to_end - to), f);
		else
			fwrite(from, 1, (size_t)(end - from), f);
		a = end;
		b = to_end;
		line_a = v[i].from + v[i].lines;
		line_b = v[i].to + v[i].own;
	}
	fputs(bad ? "" : a, f);
	if (fclose(f) != 0)
		die(ERR_TOOL, "out of memory");
	if (!bad)
		return text;
	free(text);
	return NULL;
}
