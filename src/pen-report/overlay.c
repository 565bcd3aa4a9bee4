#include "pen-report/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/bases.h"
#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/upper.h"
#include "pen-report/class.h"

#define BASES_MAX ((size_t)1 << 30)

/* What is shown three-way; of a larger file it is only known that it differs.
 */
#define COPY_MAX ((size_t)1 << 20)

struct overlay {
	struct account *a;
	int dir; /* the overlay's */
	size_t tree;
	const char *root; /* of the tree, */
	int host;	  /* and open */
	int up;		  /* what is over it */
	char *above;	  /* the directory of the last entry, and */
	int bare;	  /* whether it is in a repository without a .git, */
	size_t git_n;	  /* whose path has that length */
	char *told;	  /* the last of those that is new */
	struct bases bases;
	json_t *by; /* who obeys what, by the absolute path */
};

static void
add_why(struct account *a, const char *what)
{
	if (a->why.n < 64)
		strv_push(&a->why, mem_printf("the overlay '%s' %s",
					      a->m->overlay, what));
}

/* Whether it was the run, or the host while it went on. */
static int
is_since_start(const struct manifest *m, const struct stat *st)
{
	for (size_t i = 0; i < m->nmarks; i++) {
		const struct mark *mark = &m->marks[i];

		if (mark->dev == st->st_dev)
			return st->st_ctim.tv_sec != mark->time.tv_sec
				   ? st->st_ctim.tv_sec > mark->time.tv_sec
				   : st->st_ctim.tv_nsec >= mark->time.tv_nsec;
	}
	return 1;
}

/* Keeps the host's text, which the overlay's version was made from. */
static void
keep_copy(const struct overlay *o, const struct upper_entry *e)
{
	char *at = mem_printf("t%zu/base/%s", o->tree, e->path), *above, *text;
	char *name = strrchr(at, '/');
	struct stat st;
	size_t n;
	int fd;

	if (fstatat(o->dir, at, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		free(at);
		return;
	}
	above = mem_part(at, (size_t)(name - at));
	text = beneath_read(o->host, e->path, COPY_MAX, &n, NULL);
	fd = text ? beneath_make(o->dir, above, 0700) : -1;
	if (fd >= 0)
		beneath_write(fd, name + 1, text, n, 0600);
	if (fd >= 0)
		close(fd);
	free(text);
	free(above);
	free(at);
}

static void
note_base(struct overlay *o, const struct upper_entry *e)
{
	char *name = mem_printf("t%zu/%s", o->tree, e->path);
	/* a directory is none, and what took its place had nothing there */
	struct base *b =
	    S_ISDIR(e->st.st_mode) ? NULL : bases_find(&o->bases, name);

	if (S_ISDIR(e->st.st_mode)) {
		free(name);
		return;
	}
	if (!b && e->lower)
		b = bases_add(&o->bases, name,
			      is_since_start(o->a->m, e->lower) ? BASE_UNKNOWN
								: BASE_FILE,
			      e->lower);
	else if (!b)
		b = bases_add(&o->bases, name, BASE_NONE, NULL);
	b->used = 1;
	b->same[0] = b->same[1] = 0;
	if (e->kind == UPPER_SAME && bases_is_current(b, e->lower)) {
		b->same[0] = e->st.st_ctim.tv_sec;
		b->same[1] = e->st.st_ctim.tv_nsec;
	}
	if (e->kind == UPPER_CHANGED && S_ISREG(e->lower->st_mode) &&
	    bases_is_current(b, e->lower))
		keep_copy(o, e);
	free(name);
}

static int
has_entry(int dir, const char *path, struct stat *st)
{
	const char *name;
	int fd = beneath_parent(dir, path, &name);
	int there = fd >= 0 && fstatat(fd, name, st, AT_SYMLINK_NOFOLLOW) == 0;

	if (fd >= 0)
		close(fd);
	return there;
}

/* Whether git takes dir for a repository; *news: it does since this run. */
static int
is_repository(const struct overlay *o, const char *dir, int *news)
{
	static const char *const names[] = {"HEAD", "objects", "refs"};
	int all = 1;

	*news = 0;
	for (size_t i = 0; all && i < sizeof(names) / sizeof(*names); i++) {
		char *at = mem_printf("%s%s%s", dir, *dir ? "/" : "", names[i]);
		struct stat own, lower;
		int made = has_entry(o->up, at, &own);
		int there = has_entry(o->host, at, &lower);

		all = made || there;
		*news |= made && !there && is_since_start(o->a->m, &own);
		free(at);
	}
	return all;
}

static void
tell_repository(struct overlay *o, const char *dir)
{
	char *path;
	struct account_entry *entry;

	/* one of a submodule is made by git */
	if ((o->told && strcmp(o->told, dir) == 0) ||
	    strstr(dir, ".git/modules/") ||
	    (o->tree > 0 && strncmp(dir, "modules/", 8) == 0))
		return;
	free(o->told);
	o->told = mem_copy(dir);
	path = mem_printf("%s%s%s", o->root, *dir ? "/" : "", dir);
	entry = account_add(o->a, path, CHANGE_CHANGED, ACCOUNT_HELD, "git");
	entry->directory = entry->tell = 1;
	entry->note = mem_copy("git takes it for a repository now");
	free(path);
}

/* The nearest repository that path is in, unless that is a .git. */
static void
find_repository(struct overlay *o, const char *path)
{
	const char *name = strrchr(path, '/');
	char *dir = mem_part(path, name ? (size_t)(name - path) : 0), *slash;
	int news;

	if (o->above && strcmp(o->above, dir) == 0) {
		free(dir);
		return;
	}
	free(o->above);
	o->above = mem_copy(dir);
	for (o->bare = 0;; *(slash ? slash : dir) = '\0') {
		slash = strrchr(dir, '/');
		if (strcmp(slash ? slash + 1 : dir, ".git") == 0 ||
		    (o->tree > 0 && !*dir))
			break;
		o->bare = is_repository(o, dir, &news);
		if (o->bare || !*dir)
			break;
	}
	o->git_n = strlen(dir);
	if (o->bare && news)
		tell_repository(o, dir);
	free(dir);
}

/* What of path is in that repository. */
static const char *
below_repository(const struct overlay *o, const char *path)
{
	return path + o->git_n + (o->git_n > 0);
}

static struct obeyer
class_in_tree(const struct overlay *o, const char *path)
{
	struct obeyer c = o->tree == 0 ? class_of(path) : class_of_git(path);
	struct obeyer own;

	if (!o->bare || c.obeyed == OBEYED_TOLD)
		return c;
	own = class_of_git(below_repository(o, path));
	return own.obeyed == OBEYED_ASKED ? c : own;
}

/* Objects say nothing by their names, and there are many. */
static int
is_object(const struct overlay *o, const char *path)
{
	const char *git = o->tree == 0 ? strstr(path, ".git/") : NULL;

	if (o->bare)
		path = below_repository(o, path);
	return class_is_object(git && !o->bare ? git + 5 : path);
}

static void
add_entry(struct overlay *o, const struct upper_entry *e)
{
	static const enum change changes[] = {[UPPER_CREATED] = CHANGE_CREATED,
					      [UPPER_CHANGED] = CHANGE_CHANGED,
					      [UPPER_REMOVED] = CHANGE_REMOVED,
					      [UPPER_OTHER] = CHANGE_CREATED};
	int directory = S_ISDIR(e->st.st_mode);
	char *shown = mem_join(e->path, directory ? "/" : "");
	char *path = mem_printf("%s/%s", o->root, e->path);
	struct obeyer class;
	struct account_entry *entry;
	int told;

	find_repository(o, e->path);
	class = class_in_tree(o, shown);
	told = class.obeyed == OBEYED_TOLD;
	o->a->overlaid++;
	o->a->overlaid_bytes +=
	    S_ISREG(e->st.st_mode) && e->kind != UPPER_REMOVED
		? (unsigned long long)e->st.st_size
		: 0;
	if (class.obeyed != OBEYED_GIT || !is_object(o, e->path)) {
		entry = account_add(o->a, path, changes[e->kind], ACCOUNT_HELD,
				    told ? class.by : NULL);
		entry->directory = directory;
		/* what an earlier run left there was told then */
		entry->tell = told && (e->kind == UPPER_REMOVED ||
				       is_since_start(o->a->m, &e->st));
		entry->note = mem_copy(e->kind == UPPER_OTHER
					   ? "a device, a FIFO or a socket"
					   : "in the overlay");
	}
	if (told)
		json_object_set_new(o->by, path, json_string(class.by));
	free(path);
	free(shown);
}

static void
take_entry(void *arg, const struct upper_entry *e)
{
	struct overlay *o = arg;

	note_base(o, e);
	if (e->kind != UPPER_SAME)
		add_entry(o, e);
}

/* What overlayfs leaves in its work directory, without any rights. */
static void
clean_work(const struct overlay *o)
{
	char *name = mem_printf("t%zu/work", o->tree);
	int fd = beneath_open(o->dir, name, O_RDONLY | O_DIRECTORY);

	if (fd >= 0) {
		beneath_remove(fd, "work");
		close(fd);
	}
	free(name);
}

static void
take_tree(struct overlay *o)
{
	char *name = mem_printf("t%zu/up", o->tree);
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	o->up = beneath_open(o->dir, name, O_RDONLY | O_DIRECTORY);
	o->host = beneath_open(root, o->root + 1, O_RDONLY | O_DIRECTORY);
	if (o->up < 0 || o->host < 0 ||
	    upper_walk(o->up, o->host, take_entry, o) < 0)
		add_why(o->a, "cannot be read in full");
	free(o->above);
	free(o->told);
	o->above = o->told = NULL;
	if (o->up >= 0)
		close(o->up);
	if (o->host >= 0)
		close(o->host);
	close(root);
	free(name);
}

static void
read_bases(struct overlay *o)
{
	size_t n;
	char *text = beneath_read(o->dir, "bases", BASES_MAX, &n, NULL);

	if ((!text && errno != ENOENT) ||
	    (text && bases_parse(&o->bases, text, n) < 0))
		add_why(o->a, "has notes that cannot be read");
	free(text);
}

static void
write_notes(struct overlay *o)
{
	size_t n;
	char *bases = bases_text(&o->bases, &n);
	char *by = json_dumps(o->by, JSON_COMPACT);

	if (!by || beneath_write(o->dir, "bases", bases, n, 0600) < 0 ||
	    beneath_write(o->dir, "by.json", by, strlen(by), 0600) < 0)
		add_why(o->a, "has notes that cannot be written");
	free(by);
	free(bases);
}

void
overlay_account(struct account *a, int state)
{
	struct overlay o = {.a = a, .by = json_object()};
	char *dir = mem_printf("overlay/%s", a->m->overlay);

	o.dir = beneath_open(state, dir, O_RDONLY | O_DIRECTORY);
	if (o.dir < 0) {
		add_why(a, "cannot be opened");
	} else {
		read_bases(&o);
		for (; o.tree < a->m->noverlaid; o.tree++) {
			o.root = a->m->overlaid[o.tree];
			take_tree(&o);
			clean_work(&o);
		}
		write_notes(&o);
		close(o.dir);
	}
	bases_free(&o.bases);
	json_decref(o.by);
	free(dir);
}
