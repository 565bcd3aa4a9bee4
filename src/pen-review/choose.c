#include "pen-review/choose.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"

static void
choose_key(struct choice *c, struct draft *draft, const char *key)
{
	c->v = mem_room(c->v, c->n, sizeof(*c->v));
	c->v[c->n++] = (struct chosen){draft, key};
}

static void
choose_held(struct choice *c, struct overlay *o, struct held *h)
{
	if (h->chosen)
		return;
	h->chosen = 1;
	c->held = mem_room(c->held, c->nheld, sizeof(*c->held));
	c->held[c->nheld++] = (struct chosen_held){o, h};
}

static int
has_key(const struct draft *draft, const char *key)
{
	for (size_t i = 0; i < draft->keys.n; i++)
		if (strcmp(draft->keys.v[i].name, key) == 0)
			return 1;
	return 0;
}

/* Whether path, of which only n bytes count, is the draft or a way to it. */
static int
is_named(const struct draft *draft, const char *path, size_t n)
{
	char *part = mem_part(path, n);
	int found = project_below(part, draft->path) != NULL;

	free(part);
	return found;
}

/* Chooses what the absolute path names; whether there was anything. */
static int
choose_path(struct choice *c, const char *path)
{
	const char *hash = strchr(path, '#');
	size_t had = c->n + c->nheld;
	struct drafts *d = c->d;

	for (size_t i = 0; i < d->n; i++)
		if (is_named(&d->v[i], path, strlen(path)))
			choose_key(c, &d->v[i], NULL);
	for (size_t k = 0; k < c->n_o; k++)
		for (size_t i = 0; i < c->o[k].n; i++)
			if (project_below(path, c->o[k].v[i].path))
				choose_held(c, &c->o[k], &c->o[k].v[i]);
	for (; c->n + c->nheld == had && hash; hash = strchr(hash + 1, '#'))
		for (size_t i = 0; i < d->n; i++)
			if (strlen(d->v[i].path) == (size_t)(hash - path) &&
			    is_named(&d->v[i], path, (size_t)(hash - path)) &&
			    has_key(&d->v[i], hash + 1))
				choose_key(c, &d->v[i], hash + 1);
	return c->n + c->nheld > had;
}

/* Takes "." and ".." out of an absolute path, in place. */
static void
simplify(char *path)
{
	char *out = path;

	for (const char *at = path; *at;) {
		size_t n = strcspn(at + 1, "/") + 1;

		if (n == 3 && strncmp(at, "/..", 3) == 0) {
			while (out > path && *--out != '/')
				;
		} else if (n > 1 && !(n == 2 && at[1] == '.')) {
			memmove(out, at, n);
			out += n;
		}
		at += n;
	}
	*out = '\0';
}

/* As --list shows it, or from the current directory. */
static void
choose_word(struct choice *c, const char *word)
{
	char *path = project_path(c->d->p, word), *cwd = NULL;

	if (!choose_path(c, path)) {
		free(path);
		cwd = getcwd(NULL, 0);
		path = mem_printf("%s/%s", cwd ? cwd : "", word);
		simplify(path);
		if (*word == '/' || !choose_path(c, path))
			die_hint("pen-review --list shows what is",
				 "nothing is held back of '%s'", word);
	}
	free(cwd);
	/* the key is a part of it */
}

void
choose_words(struct choice *c, char **words)
{
	for (; *words; words++)
		choose_word(c, *words);
}

void
choose_drafts(struct choice *c, int asides)
{
	for (size_t i = 0; i < c->d->n; i++)
		if (!c->d->v[i].quiet && (asides || !c->d->v[i].aside))
			choose_key(c, &c->d->v[i], NULL);
}

void
choose_overlays(struct choice *c)
{
	for (size_t k = 0; k < c->n_o; k++)
		for (size_t i = 0; i < c->o[k].n; i++)
			choose_held(c, &c->o[k], &c->o[k].v[i]);
}
