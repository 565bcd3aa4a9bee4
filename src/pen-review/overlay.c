#include "pen-review/overlay.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "pen-review/host.h"

#define NOTES_MAX ((size_t)1 << 30)

void
overlay_names(const struct project *p, struct strv *names)
{
	int fd = beneath_open(p->state, "overlay", O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (*e->d_name != '.')
			strv_push(names, mem_copy(e->d_name));
	if (d)
		closedir(d);
}

/* Which run had it last, and where its trees are: a line each. */
static char *
read_run(const struct overlay *o, struct strv *roots)
{
	size_t n;
	char *text = beneath_read(o->dir, "run", NOTES_MAX, &n, NULL);
	char *rest = text, *run = text ? strsep(&rest, "\n") : NULL, *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (*line == '/' && roots)
			strv_push(roots, mem_copy(line));
	run = run && *run && !strchr(run, '/') ? mem_copy(run) : NULL;
	free(text);
	return run;
}

int
overlay_is_object(const struct held *h)
{
	const char *below = h->below;

	/* what git obeys among them, in a repository of its own, is none */
	if (h->kind != UPPER_CREATED || !S_ISREG(h->st.st_mode) || h->by)
		return 0;
	if (h->tree == 0 && strncmp(below, ".git/", 5) == 0)
		below += 5;
	else if (h->tree == 0)
		return 0;
	return strncmp(below, "objects/", 8) == 0 &&
	       strncmp(below, "objects/info/", 13) != 0;
}

/* Whether a pen, which locks its run's manifest, has it. */
static int
is_used(const struct overlay *o)
{
	char *run = read_run(o, NULL), *path;
	int fd, used;

	if (!run)
		return 0;
	path = mem_printf("runs/%s/manifest.json", run);
	fd = beneath_open(o->p->state, path, O_RDONLY);
	used = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;
	if (fd >= 0)
		close(fd);
	free(path);
	free(run);
	return used;
}

char *
overlay_text(const struct overlay *o, const struct held *h, const char *whose,
	     size_t *n)
{
	char *at = mem_printf("t%zu/%s/%s", h->tree, whose, h->below);
	char *text = beneath_read(o->dir, at, HELD_TEXT_MAX, n, NULL);
	int saved = errno;

	free(at);
	errno = saved;
	return text;
}

int
overlay_read_bases(int dir, struct bases *b)
{
	size_t n;
	char *text = beneath_read(dir, "bases", NOTES_MAX, &n, NULL);
	int bad = !text || bases_parse(b, text, n) < 0;

	free(text);
	return bad ? -1 : 0;
}

int
overlay_write_bases(int dir, struct bases *b)
{
	size_t n;
	char *text;
	int bad;

	for (size_t i = 0; i < b->n; i++)
		b->v[i].used = !b->v[i].gone;
	text = bases_text(b, &n);
	bad = beneath_write(dir, "bases", text, n, 0600) < 0;
	free(text);
	return bad ? -1 : 0;
}

void
overlay_forget(struct overlay *o, const struct held *h)
{
	char *key = mem_printf("t%zu/%s", h->tree, h->below);
	struct base *b = bases_find(&o->bases, key);

	if (b)
		b->gone = o->less = 1;
	free(key);
}

int
overlay_rebase(struct overlay *o, const struct held *h, const char *text,
	       size_t n)
{
	char *key = mem_printf("t%zu/%s", h->tree, h->below);
	char *above = mem_printf("t%zu/base/%s", h->tree, h->below);
	struct stat st;
	int fd, bad = host_stat(o->p, h->path, &st) < 0;

	if (!bad)
		bases_set(&o->bases, key, &st);
	*strrchr(above, '/') = '\0';
	fd = bad ? -1 : beneath_make(o->dir, above, 0700);
	bad = fd < 0 ||
	      beneath_write(fd, strrchr(h->rel, '/') + 1, text, n, 0600) < 0 ||
	      overlay_write_bases(o->dir, &o->bases) < 0;
	if (fd >= 0)
		close(fd);
	free(above);
	free(key);
	return bad ? -1 : 0;
}

static int
same_text(const char *a, size_t n, const char *b, size_t k)
{
	return a && b && n == k && memcmp(a, b, n) == 0;
}

/*
 * Whether the run changed it at all: what it has may be the host's of before,
 * which the host has changed since.  Then it is no conflict, either, where the
 * host's text is what it was.
 */
static int
is_change(const struct overlay *o, struct held *h)
{
	size_t own_n, base_n, host_n;
	char *own, *base, *host;
	int change;

	if (!h->conflict || h->kind != UPPER_CHANGED || !S_ISREG(h->st.st_mode))
		return 1;
	own = overlay_text(o, h, "up", &own_n);
	base = overlay_text(o, h, "base", &base_n);
	host = host_read(o->p, h->path, &host_n, NULL);
	change = !same_text(own, own_n, base, base_n);
	if (same_text(host, host_n, base, base_n))
		h->conflict = 0;
	free(own);
	free(base);
	free(host);
	return change;
}

struct reading {
	struct overlay *o;
	size_t tree;
};

static void
take_entry(void *arg, const struct upper_entry *e)
{
	struct reading *r = arg;
	struct overlay *o = r->o;
	struct held h = {.tree = r->tree, .kind = e->kind, .st = e->st};
	char *name = mem_printf("t%zu/%s", r->tree, e->path);
	const struct base *base = bases_find(&o->bases, name);

	free(name);
	if (e->kind == UPPER_SAME || (base && bases_is_same(base, &e->st)))
		return;
	h.path = mem_printf("%s/%s", o->roots.v[r->tree], e->path);
	h.rel = mem_printf("t%zu/up/%s", r->tree, e->path);
	h.below = h.rel + strlen(h.rel) - strlen(e->path);
	/* a directory goes only when it is empty, and is made if it is missing
	 */
	if (S_ISDIR(e->st.st_mode))
		h.conflict = 0;
	else
		h.conflict =
		    base ? !bases_is_current(base, e->lower) : e->lower != NULL;
	if (!is_change(o, &h)) {
		free(h.path);
		free(h.rel);
		return;
	}
	h.shown = project_shown(o->p, h.path);
	h.by = json_string_value(json_object_get(o->by, h.path));
	o->v = mem_room(o->v, o->n, sizeof(*o->v));
	o->v[o->n++] = h;
}

/*
 * git status writes the index anew: that is a conflict only where the branches
 * are one.
 */
static void
take_index(struct overlay *o)
{
	struct held *index = NULL;

	for (size_t i = 0; i < o->n; i++) {
		struct held *h = &o->v[i];
		int git = h->tree > 0 || strncmp(h->below, ".git/", 5) == 0;

		if (git && strcmp(strrchr(h->path, '/'), "/index") == 0)
			index = h;
		else if (git && h->conflict)
			return;
	}
	if (index)
		index->conflict = 0;
}

static int
by_order(const void *a, const void *b)
{
	const struct held *x = a, *y = b;
	int r = (x->kind != UPPER_REMOVED) - (y->kind != UPPER_REMOVED);

	if (r)
		return r;
	/* a directory behind what is in it */
	r = strcmp(x->path, y->path);
	return x->kind == UPPER_REMOVED ? -r : r;
}

static void
read_tree(struct overlay *o, size_t tree)
{
	struct reading r = {o, tree};
	char *name = mem_printf("t%zu/up", tree);
	int up = beneath_open(o->dir, name, O_RDONLY | O_DIRECTORY);
	int low = beneath_open(o->p->host, o->roots.v[tree] + 1,
			       O_RDONLY | O_DIRECTORY);

	/* a project that was removed: all of it is new */
	if (up < 0 || upper_walk(up, low, take_entry, &r) < 0)
		o->cut = 1;
	if (up >= 0)
		close(up);
	if (low >= 0)
		close(low);
	free(name);
}

int
overlay_read(struct overlay *o, const struct project *p, const char *name,
	     int lock)
{
	char *dir = mem_printf("overlay/%s", name), *text;
	size_t n;

	*o = (struct overlay){.p = p, .name = mem_copy(name)};
	o->dir = strchr(name, '/') || *name == '.' || !*name
		     ? -1
		     : beneath_open(p->state, dir, O_RDONLY | O_DIRECTORY);
	free(dir);
	if (o->dir < 0)
		return -1;
	/* before it is read: what is shown then is what is there later */
	o->used = lock && (flock(o->dir, LOCK_EX | LOCK_NB) < 0 || is_used(o));
	free(read_run(o, &o->roots));
	/* what is not known is a conflict */
	overlay_read_bases(o->dir, &o->bases);
	text = beneath_read(o->dir, "by.json", NOTES_MAX, &n, NULL);
	o->by = text ? json_loadb(text, n, 0, NULL) : NULL;
	free(text);
	for (size_t t = 0; t < o->roots.n; t++)
		read_tree(o, t);
	take_index(o);
	if (o->n > 0)
		qsort(o->v, o->n, sizeof(*o->v), by_order);
	return 0;
}
