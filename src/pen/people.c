#include "pen/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/num.h"

/* A line "NAME:PASSWORD:ID:REST". */
struct entry {
	const char *name, *rest;
	size_t name_n, rest_n;
	unsigned long id;
};

/* Reads the line of n bytes; -1 when it is none. */
static int
parse(const char *line, size_t n, struct entry *e)
{
	const char *end = line + n, *at[3];
	char *id;
	int bad;

	at[0] = line;
	for (int i = 1; i < 3; i++) {
		at[i] = memchr(at[i - 1], ':', (size_t)(end - at[i - 1]));
		if (!at[i]++)
			return -1;
	}
	e->name = line;
	e->name_n = (size_t)(at[1] - 1 - line);
	e->rest = memchr(at[2], ':', (size_t)(end - at[2]));
	if (!e->rest || e->name_n == 0)
		return -1;
	id = mem_part(at[2], (size_t)(e->rest - at[2]));
	bad = num_parse(id, 10, 0xfffffffe, &e->id);
	free(id);
	e->rest++;
	e->rest_n = (size_t)(end - e->rest);
	return bad;
}

/* The next entry of *text, which is moved on; 0 at the end. */
static int
next_entry(const char **text, struct entry *e)
{
	while (**text) {
		const char *line = *text;
		size_t n = strcspn(line, "\n");

		*text += n + (line[n] == '\n');
		if (parse(line, n, e) == 0)
			return 1;
	}
	return 0;
}

static unsigned long
find_definition(const char *defs, const char *word, unsigned long otherwise)
{
	size_t n = strlen(word);

	for (; defs && *defs; defs += defs[strcspn(defs, "\n")] == '\n') {
		size_t len = strcspn(defs, "\n"), k;
		unsigned long v;
		char *number;

		if (strncmp(defs, word, n) == 0 &&
		    (k = strspn(defs + n, " \t")) > 0) {
			number = mem_part(defs + n + k,
					  strcspn(defs + n + k, " \t\n"));
			if (num_parse(number, 10, 0xfffffffe, &v) == 0)
				otherwise = v;
			free(number);
		}
		defs += len;
	}
	return otherwise;
}

void
people_ranges(struct people *p, const char *defs)
{
	p->uid_min = find_definition(defs, "UID_MIN", 1000);
	p->uid_max = find_definition(defs, "UID_MAX", 60000);
	p->gid_min = find_definition(defs, "GID_MIN", 1000);
	p->gid_max = find_definition(defs, "GID_MAX", 60000);
}

/* systemd-homed(8) has people above the others. */
static int
is_person(unsigned long id, unsigned long min, unsigned long max)
{
	return (id >= min && id <= max) || (id >= 60001 && id <= 60513);
}

int
people_has(const char *text, const char *name)
{
	struct entry e;

	while (next_entry(&text, &e))
		if (strlen(name) == e.name_n &&
		    memcmp(e.name, name, e.name_n) == 0)
			return 1;
	return 0;
}

int
people_has_id(const char *text, unsigned long id)
{
	struct entry e;

	while (next_entry(&text, &e))
		if (e.id == id)
			return 1;
	return 0;
}

/* A text that is written to f, which text_end ends. */
struct text {
	char *s;
	size_t n;
	FILE *f;
};

static void
text_begin(struct text *t)
{
	t->f = open_memstream(&t->s, &t->n);
	if (!t->f)
		die(ERR_TOOL, "cannot make a text: %m");
}

static char *
text_end(struct text *t)
{
	if (fclose(t->f) != 0)
		die(ERR_TOOL, "cannot make a text: %m");
	return t->s;
}

char *
people_passwd(const struct people *p, const char *text, const char *own)
{
	struct text t;
	struct entry e;
	int found = 0;

	text_begin(&t);
	while (next_entry(&text, &e)) {
		if (e.id != p->uid && is_person(e.id, p->uid_min, p->uid_max))
			continue;
		found |= e.id == p->uid;
		fprintf(t.f, "%.*s:x:%lu:%.*s\n", (int)e.name_n, e.name, e.id,
			(int)e.rest_n, e.rest);
	}
	if (!found && own)
		fputs(own, t.f);
	return text_end(&t);
}

static int
is_own_group(const struct people *p, unsigned long id)
{
	for (size_t i = 0; i < p->groups_n; i++)
		if (p->groups[i] == id)
			return 1;
	return 0;
}

char *
people_group(const struct people *p, const char *text, const char *own,
	     const char *passwd)
{
	struct text t;
	struct entry e;
	int found = 0;

	text_begin(&t);
	while (next_entry(&text, &e)) {
		char *members = mem_part(e.rest, e.rest_n), *at = members;
		const char *comma = "", *name;

		if (is_own_group(p, e.id) ||
		    !is_person(e.id, p->gid_min, p->gid_max)) {
			found |= p->groups_n > 0 && e.id == p->groups[0];
			fprintf(t.f, "%.*s:x:%lu:", (int)e.name_n, e.name,
				e.id);
			while ((name = strsep(&at, ",")))
				if (people_has(passwd, name)) {
					fprintf(t.f, "%s%s", comma, name);
					comma = ",";
				}
			fputc('\n', t.f);
		}
		free(members);
	}
	if (!found && own)
		fputs(own, t.f);
	return text_end(&t);
}
