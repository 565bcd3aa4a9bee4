#include "pen-review/drafts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/sha.h"
#include "lib/upper.h"

#define DEPTH_MAX 128
#define DRAFTS_MAX 100000
#define BASE "draft/base.json"

static void
add_draft(struct drafts *d, int dir, const char *name, const char *path,
	  const struct stat *st, const char *whose)
{
	int aside = strcmp(whose, "aside") == 0;
	const char *run = aside ? strrchr(path, '.') : NULL;
	struct draft draft = {.path = mem_copy(path),
			      .host = run ? mem_part(path, (size_t)(run - path))
					  : mem_copy(path),
			      .shown = project_shown(d->p, path),
			      .whose = whose,
			      .aside = aside,
			      .type = DRAFT_OTHER,
			      .mode = st->st_mode & 0777};

	if (upper_is_whiteout(dir, name, st)) {
		draft.type = DRAFT_REMOVED;
	} else if (S_ISREG(st->st_mode)) {
		draft.type = DRAFT_FILE;
	} else if (S_ISLNK(st->st_mode)) {
		draft.type = DRAFT_SYMLINK;
		draft.link = beneath_readlink(dir, name);
	}
	d->v = mem_room(d->v, d->n, sizeof(*d->v));
	d->v[d->n++] = draft;
}

static void
read_tree(struct drafts *d, int fd, const char *path, int depth,
	  const char *whose)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;

	if (!dir) {
		close(fd);
		return;
	}
	while ((e = readdir(dir))) {
		struct stat st;
		char *below;

		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) <
			0)
			continue;
		if (d->n == DRAFTS_MAX || depth == 0) {
			d->cut = 1;
			break;
		}
		below = mem_printf("%s/%s", path, e->d_name);
		if (S_ISDIR(st.st_mode)) {
			int sub = beneath_open(dirfd(dir), e->d_name,
					       O_RDONLY | O_DIRECTORY);

			if (sub >= 0)
				read_tree(d, sub, below, depth - 1, whose);
		} else {
			add_draft(d, dirfd(dir), e->d_name, below, &st, whose);
		}
		free(below);
	}
	closedir(dir);
}

static int
by_path(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* What differs, where the draft is decided by key. */
static void
read_keys(const struct drafts *d, struct draft *draft)
{
	size_t n, k;
	char *host = drafts_text(d, "host", draft->path, &k);
	char *own = drafts_text(d, "tree", draft->path, &n);

	if (!host || !own || strlen(own) != n || strlen(host) != k ||
	    keys_read(&draft->keys, draft->rules, host, own) < 0) {
		free(draft->rules);
		draft->rules = NULL;
	}
	free(host);
	free(own);
}

/* The keys that base.json says are the agent's own. */
static void
mark_own(struct draft *draft, const json_t *own)
{
	const json_t *name;
	size_t i;

	json_array_foreach(
	    own, i, name) for (size_t k = 0; k < draft->keys.n;
			       k++) if (strcmp(draft->keys.v[k].name,
					       json_string_value(name)
						   ? json_string_value(name)
						   : "") == 0) draft->keys.v[k]
	    .own = 1;
}

static void
read_note(const struct drafts *d, struct draft *draft)
{
	const json_t *note = json_object_get(d->base, draft->path);
	const char *by = json_string_value(json_object_get(note, "by"));
	const char *sha = json_string_value(json_object_get(note, "sha256"));
	const char *merge = json_string_value(json_object_get(note, "merge"));

	draft->based = note != NULL;
	draft->by = mem_copy(by ? by : "a tool");
	draft->sha = sha ? mem_copy(sha) : NULL;
	draft->quiet = json_is_true(json_object_get(note, "quiet"));
	if (merge && strcmp(merge, "none") != 0 && draft->type == DRAFT_FILE) {
		draft->rules = mem_copy(merge);
		read_keys(d, draft);
		mark_own(draft, json_object_get(note, "own"));
	}
}

void
drafts_read(struct drafts *d, const struct project *p)
{
	static const char *const places[] = {"tree", "aside"};
	size_t n;
	char *text = beneath_read(p->state, BASE, DRAFT_MAX, &n, NULL);

	*d = (struct drafts){
	    .p = p, .base = text ? json_loadb(text, n, 0, NULL) : NULL};
	free(text);
	if (!json_is_object(d->base)) {
		json_decref(d->base);
		d->base = json_object();
	}
	for (int i = 0; i < 2; i++) {
		char *place = mem_join("draft/", places[i]);
		int fd = beneath_open(p->state, place, O_RDONLY | O_DIRECTORY);

		if (fd >= 0)
			read_tree(d, fd, "", DEPTH_MAX, places[i]);
		free(place);
	}
	if (d->n > 0)
		qsort(d->v, d->n, sizeof(*d->v), by_path);
	for (size_t i = 0; i < d->n; i++)
		read_note(d, &d->v[i]);
}

void
drafts_save(const struct drafts *d)
{
	char *text = json_dumps(d->base, JSON_INDENT(1) | JSON_SORT_KEYS);
	int fd = beneath_make(d->p->state, "draft", 0700);

	if (!text || fd < 0 ||
	    beneath_write(fd, "base.json", text, strlen(text), 0600) < 0)
		die(ERR_TOOL, "cannot write '%s/%s': %m", d->p->state_dir,
		    BASE);
	close(fd);
	free(text);
}

char *
drafts_text(const struct drafts *d, const char *whose, const char *path,
	    size_t *n)
{
	char *at = mem_printf("draft/%s%s", whose, path);
	char *text = beneath_read(d->p->state, at, DRAFT_MAX, n, NULL);
	int saved = errno;

	free(at);
	errno = saved;
	return text;
}

int
drafts_write(const struct drafts *d, const char *whose, const char *path,
	     const void *p, size_t n, mode_t mode)
{
	const char *name = strrchr(path, '/') + 1;
	char *dir = mem_printf("draft/%s%.*s", whose, (int)(name - path), path);
	int fd = beneath_make(d->p->state, dir, 0700), bad;

	free(dir);
	if (fd < 0)
		return -1;
	bad = beneath_write(fd, name, p, n, mode) < 0;
	close(fd);
	return bad ? -1 : 0;
}

int
drafts_put(const struct drafts *d, const char *path, const char *link)
{
	const char *name = strrchr(path, '/') + 1;
	char *dir = mem_printf("draft/tree%.*s", (int)(name - path), path);
	int fd = beneath_make(d->p->state, dir, 0700), bad;

	free(dir);
	if (fd < 0)
		return -1;
	bad = beneath_remove(fd, name) < 0 ||
	      (link ? symlinkat(link, fd, name)
		    : mknodat(fd, name, S_IFCHR, makedev(0, 0))) < 0;
	close(fd);
	return bad ? -1 : 0;
}

/* Removes the directories above at that are empty, but not the first two. */
static void
remove_empty(int state, char *at)
{
	size_t keep = strlen("draft/host");
	char *slash;

	while ((slash = strrchr(at, '/')) && slash > at + keep) {
		const char *name;
		int fd, bad;

		*slash = '\0';
		fd = beneath_parent(state, at, &name);
		bad = fd < 0 || unlinkat(fd, name, AT_REMOVEDIR) < 0;
		if (fd >= 0)
			close(fd);
		if (bad)
			return;
	}
}

static int
remove_in(int state, const char *whose, const char *path)
{
	char *at = mem_printf("draft/%s%s", whose, path);
	const char *name;
	int fd = beneath_parent(state, at, &name), bad = 0;

	if (fd >= 0) {
		bad = beneath_remove(fd, name) < 0;
		close(fd);
		remove_empty(state, at);
	}
	free(at);
	return bad ? -1 : 0;
}

int
drafts_remove(struct drafts *d, const char *whose, const char *path)
{
	json_object_del(d->base, path);
	remove_in(d->p->state, "host", path);
	return remove_in(d->p->state, whose, path);
}

int
drafts_is_current(const struct draft *draft, const char *host, size_t n)
{
	char sha[2 * SHA256_SIZE + 1];

	if (!draft->based)
		return 0;
	if (!host || !draft->sha)
		return !host && !draft->sha;
	sha256_text(host, n, sha);
	return strcmp(sha, draft->sha) == 0;
}
