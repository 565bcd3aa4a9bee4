#include "pen-report/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "pen-report/class.h"
#include "pen-report/refs.h"

/* With the lines for the rest of each, and two more, a dozen. */
#define HELD_MAX 3
#define OBEYED_MAX 3
#define REFUSED_MAX 2
#define HIDDEN_MAX 3

/* One line each of what is told: the part of a path that matters. */
struct lines {
	char **v;
	const struct account_entry **first;
	size_t *times, n;
};

static void
add_line(struct lines *l, char *text, const struct account_entry *e)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], text) == 0) {
			l->times[i]++;
			free(text);
			return;
		}
	l->v = mem_room(l->v, l->n, sizeof(*l->v));
	l->first = mem_room(l->first, l->n, sizeof(*l->first));
	l->times = mem_room(l->times, l->n, sizeof(*l->times));
	l->v[l->n] = text;
	l->first[l->n] = e;
	l->times[l->n++] = 1;
}

/*
 * How much of the path of something that is obeyed a line is about: ".vscode/"
 * for all that is in it; of an agent's state, what of it: "~/.claude/hooks/".
 */
static size_t
part_length(const struct account *a, const char *path)
{
	size_t n = class_part(path);

	for (size_t i = 0; i < a->m->ntrees; i++) {
		char *tree = account_shown(a->m, a->m->trees[i].path);
		const char *below = a->m->trees[i].kind == TREE_STATE
					? manifest_below(tree, path)
					: NULL;

		if (below) {
			const char *memory = strstr(below, "/memory/");

			n = memory
				? strlen(path)
				: (size_t)(below - path) + strcspn(below, "/");
			n += path[n] == '/';
		}
		free(tree);
	}
	return n;
}

static char *
part_of(const struct account *a, const struct account_entry *e)
{
	int slash = e->directory && strcmp(e->path, ".") != 0;
	char *path = mem_join(e->path, slash ? "/" : "");
	char *part =
	    mem_part(path, e->class == ACCOUNT_OBEYED ? part_length(a, path)
						      : strlen(path));

	free(path);
	if (e->ref) {
		path = part;
		part = mem_printf("%s on %s", path, refs_short(e->ref));
		free(path);
	}
	return part;
}

/* Lines that are looked at: what a run left is not to cost the user time. */
#define LINES_MAX 1000

static void
collect_lines(struct lines *l, const struct account *a,
	      enum account_class class)
{
	for (size_t i = 0; i < a->n && l->n < LINES_MAX; i++)
		if (a->v[i].tell && a->v[i].class == class)
			add_line(l, part_of(a, &a->v[i]), &a->v[i]);
}

/* How many lines there are of l, of which one may be for the rest. */
static size_t
count_shown(const struct lines *l, size_t max)
{
	return l->n > max + 1 ? max : l->n;
}

/* The key that a line is about, of a file that may have more: "" or " KEY…". */
static char *
key_of(const struct lines *l, size_t i)
{
	const char *key = l->first[i]->key;

	if (!key)
		return mem_copy("");
	return l->times[i] == 1
		   ? mem_printf(" %s", key)
		   : mem_printf(" %s and %zu more", key, l->times[i] - 1);
}

static size_t
say_held(const struct lines *l)
{
	size_t n = count_shown(l, HELD_MAX);

	for (size_t i = 0; i < n; i++) {
		const struct account_entry *e = l->first[i];
		char *key = key_of(l, i);

		err_warn("held back from %s: %s%s", e->by ? e->by : "tools",
			 l->v[i], key);
		free(key);
	}
	if (n < l->n)
		err_warn("held back: %zu more", l->n - n);
	return l->n;
}

static size_t
say_obeyed(const struct lines *l)
{
	size_t n = count_shown(l, OBEYED_MAX);

	for (size_t i = 0; i < n; i++) {
		const struct account_entry *e = l->first[i];
		const char *note = l->times[i] == 1 ? e->note : NULL;
		char *key = key_of(l, i);

		err_warn("changed, and %s obeys it: %s%s%s%s",
			 e->by ? e->by : "a tool", l->v[i], key,
			 note ? ": " : "", note ? note : "");
		free(key);
	}
	if (n < l->n)
		err_warn("changed, and obeyed by tools: %zu more", l->n - n);
	return l->n;
}

static void
say_refused(const struct account *a)
{
	size_t told = 0, said = 0, max;

	for (size_t i = 0; i < a->nrefused; i++)
		told += a->refused[i].tell != 0;
	max = told > REFUSED_MAX + 1 ? REFUSED_MAX : told;
	for (size_t i = 0; i < a->nrefused && said < max; i++) {
		const struct account_refused *r = &a->refused[i];

		if (!r->tell)
			continue;
		err_warn("refused: %s, %llu time%s%s%s%s%s", r->name, r->times,
			 r->times == 1 ? "" : "s", r->why ? ": " : "",
			 r->why ? r->why : "",
			 r->allow ? "; to allow it: " : "",
			 r->allow ? r->allow : "");
		said++;
	}
	if (said < told)
		err_warn("refused: %zu more names: pen-log --denied",
			 told - said);
}

static void
say_full(const struct account *a)
{
	for (size_t i = 0; i < a->full.n; i++)
		err_warn("%s was full during the run: it is in memory, and "
			 "tmp_size in pen.conf sets its size",
			 strcmp(a->full.v[i], "~/") == 0
			     ? "the home directory inside"
			     : a->full.v[i]);
}

void
say_hidden_path(const struct manifest *m)
{
	char *copy, *at, *dir, *list = NULL;
	int more = 0;

	if (!m->hidden_path || !*m->hidden_path)
		return;
	copy = at = mem_copy(m->hidden_path);
	for (int i = 0; (dir = strsep(&at, ":")); i++) {
		char *longer = i < HIDDEN_MAX
				   ? mem_printf("%s%s'%s'", i ? list : "",
						i ? ", " : "", dir)
				   : NULL;

		more += !longer;
		list = longer ? longer : list;
	}
	err_warn("status 127, as of a command that is not found: of PATH, %s%s "
		 "%s not shown",
		 list, more ? " and more" : "",
		 strchr(list, ',') ? "are" : "is");
	err_hint("pen --ro DIR … shows a directory");
	free(copy);
}

static void
say_pushed(const struct account *a)
{
	size_t n = a->pushed.n > REFUSED_MAX + 1 ? REFUSED_MAX : a->pushed.n;

	for (size_t i = 0; i < n; i++)
		err_warn("push sent: %s", a->pushed.v[i]);
	if (n < a->pushed.n)
		err_warn("push sent: %zu more refs: pen-log --json",
			 a->pushed.n - n);
}

/* Nothing of an overlay counts until it is applied: that is said each time. */
static void
say_overlay(const struct account *a)
{
	static const char *const units[] = {"bytes", "KB", "MB", "GB", "TB"};
	unsigned long long n = a->overlaid_bytes;
	int unit = 0;

	for (; n >= 10000 && unit < 4; unit++)
		n /= 1024;
	err_warn("the overlay '%s' holds %llu change%s, %llu %s: pen-review "
		 "shows them, and --apply gives them to the host",
		 a->m->overlay, a->overlaid, a->overlaid == 1 ? "" : "s", n,
		 units[unit]);
}

static void
free_lines(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	free(l->first);
	free(l->times);
}

void
say_account(const struct account *a)
{
	struct lines held = {0}, obeyed = {0};
	size_t n;

	collect_lines(&held, a, ACCOUNT_HELD);
	collect_lines(&obeyed, a, ACCOUNT_OBEYED);
	n = say_held(&held) + say_obeyed(&obeyed);
	if (n > 0 && a->others > 0)
		err_warn("also changed: %llu file%s", a->others,
			 a->others == 1 ? "" : "s");
	if (a->overlaid > 0)
		say_overlay(a);
	say_pushed(a);
	say_refused(a);
	say_full(a);
	if (a->why.n > 0)
		err_warn("this account is not whole: %s%s", a->why.v[0],
			 a->why.n > 1 ? ", and more" : "");
	if (n > 0 || a->why.n > 0)
		err_hint("pen-review shows all of it; it keeps or drops what "
			 "is held back");
	free_lines(&held);
	free_lines(&obeyed);
}
