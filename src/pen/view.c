#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "path.h"

void
view_bind(struct view *v, enum view_mode mode, const char *src,
	  const char *dest, int fd)
{
	v->binds = mem_grow(v->binds, v->n + 1, sizeof(*v->binds));
	v->binds[v->n++] = (struct view_bind){
		mode, mem_copy(src), mem_copy(dest), fd, 0};
}

void
view_link(struct view *v, const char *path, const char *target)
{
	for (size_t i = 0; i < v->links_n; i++)
		if (strcmp(v->links[i].path, path) == 0)
			return;
	v->links = mem_grow(v->links, v->links_n + 1, sizeof(*v->links));
	v->links[v->links_n++] =
		(struct view_link){mem_copy(path), mem_copy(target)};
}

void
view_report(struct view *v, const char *path)
{
	strv_push(&v->reports, mem_copy(path));
}

void
view_report_new(struct view *v, const char *path)
{
	strv_push(&v->reports_new, mem_copy(path));
}

/* The innermost bind that shows path, path's own included; or NULL. */
static const struct view_bind *
enclosing(const struct view *v, const char *path)
{
	const struct view_bind *best = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct view_bind *b = &v->binds[i];

		if (path_within(path, b->dest) &&
		    (!best || strlen(b->dest) >= strlen(best->dest)))
			best = b;
	}
	return best;
}

/* Whether b shows src at dest, below it. */
static int
shows(const struct view_bind *b, const char *src, const char *dest)
{
	char *path = mem_printf("%s%s", b->src, dest + strlen(b->dest));
	int same = strcmp(path, src) == 0;

	free(path);
	return same;
}

int
view_shows(const struct view *v, enum view_mode mode, const char *src,
	   const char *dest)
{
	const struct view_bind *b = enclosing(v, dest);

	return b && b->mode == mode && shows(b, src, dest);
}

int
view_has(const struct view *v, const char *path)
{
	char *real;
	int has = 0;

	if (path_in_system(path) || enclosing(v, path))
		return 1;
	for (size_t i = 0; i < v->n; i++)
		if (path_within(v->binds[i].dest, path))
			return 1;
	for (size_t i = 0; !has && i < v->links_n; i++) {
		if (path_within(v->links[i].path, path))
			return 1;
		if (!path_within(path, v->links[i].path))
			continue;
		real = path_follow(path, NULL, NULL); /* through the link */
		has = real && strcmp(real, path) != 0 && view_has(v, real);
		free(real);
	}
	return has;
}

int
view_writable(const struct view *v, const char *path)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->binds[i].mode == VIEW_RW && !v->binds[i].pin &&
		    path_within(path, v->binds[i].src))
			return 1;
	return 0;
}

/*
 * Opens name below the directory dir and nothing else: a link on the way would
 * lead the read-only bind, or the writable one of a pin, somewhere else.
 */
static int
open_below(int dir, const char *name)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

static struct view_bind *
find_dest(struct view *v, const char *dest)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->binds[i].dest, dest) == 0)
			return &v->binds[i];
	return NULL;
}

/*
 * Adds a bind for an open file, or tightens the one that is there.  Returns
 * whether that changed anything.
 */
static int
add_open(struct view *v, enum view_mode mode, const char *src,
	 const char *dest, int fd, int pin)
{
	struct view_bind *b = find_dest(v, dest);
	int tighter = b && mode > b->mode;

	if (!b) {
		view_bind(v, mode, src, dest, fd);
		v->binds[v->n - 1].pin = pin;
		return 1;
	}
	if (tighter)
		b->mode = mode;
	close(fd);
	return tighter;
}

/* What cannot be covered is reported, or fatal for a mask. */
static enum view_found
not_covered(struct view *v, enum view_mode mode, const char *src, int error)
{
	if (mode == VIEW_MASK && error != ENOENT)
		die(ERR_TOOL, "cannot mask '%s': %s", src,
		    error == ELOOP ? "it is a symbolic link"
				   : strerror(error));
	view_report(v, src);
	return error == ELOOP ? VIEW_LINK : VIEW_MISSING;
}

/*
 * A hard link is the same file by another name, and that name may be writable.
 */
static void
check_names(const struct stat *st, const char *src)
{
	if (S_ISREG(st->st_mode) && st->st_nlink > 1)
		err_warn("'%s' is read-only inside, but it has %lu names: by "
			 "another one it may be changed",
			 src, (unsigned long)st->st_nlink);
}

/* Nails down the directories on the way from root to root/rel. */
static void
pin(struct view *v, const struct view_bind *root, int dir, const char *rel)
{
	for (const char *end = rel; (end = strchr(end, '/')); end++) {
		char *name = mem_printf("%.*s", (int)(end - rel), rel);
		char *src = path_join(root->src, name);
		int fd = open_below(dir, name);

		if (fd < 0)
			die(ERR_TOOL, "cannot open '%s': %m", src);
		add_open(v, VIEW_RW, src, path_join(root->dest, name), fd, 1);
		free(name);
		free(src);
	}
}

/* Covers root/rel, if it is there and no link leads to it. */
static enum view_found
protect(struct view *v, enum view_mode mode, struct view_bind root,
	const char *rel)
{
	char *src = path_join(root.src, rel), *dest = path_join(root.dest, rel);
	struct stat st;
	enum view_found found = VIEW_COVERED;
	int fd = -1, dir = root.fd;

	if (dir < 0)
		dir = open(root.src, O_PATH | O_CLOEXEC | O_DIRECTORY);
	if (dir >= 0)
		fd = open_below(dir, rel);
	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISLNK(st.st_mode)) {
		pin(v, &root, dir, rel);
		if (add_open(v, mode, src, dest, fd, 0) && mode == VIEW_RO)
			check_names(&st, src);
	} else {
		found = not_covered(v, mode, src, fd < 0 ? errno : ELOOP);
		if (fd >= 0)
			close(fd);
	}
	if (dir >= 0 && dir != root.fd)
		close(dir);
	free(src);
	free(dest);
	return found;
}

/* The innermost writable bind around dest, if nothing else is closer. */
static const struct view_bind *
writable_around(const struct view *v, const char *dest)
{
	const struct view_bind *best = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct view_bind *b = &v->binds[i];

		if (b->pin || strcmp(b->dest, dest) == 0 ||
		    !path_within(dest, b->dest))
			continue;
		if (!best || strlen(b->dest) > strlen(best->dest))
			best = b;
	}
	return best && best->mode == VIEW_RW ? best : NULL;
}

enum view_found
view_protect(struct view *v, enum view_mode mode, const char *dest)
{
	const struct view_bind *root = writable_around(v, dest);
	struct view_bind *own = find_dest(v, dest);

	if (root)
		return protect(v, mode, *root, dest + strlen(root->dest) + 1);
	if (!own)
		return VIEW_ELSEWHERE;
	if (own->mode < mode)
		own->mode = mode;
	return VIEW_COVERED;
}

/* Parents before what is below them: "/" sorts before every other byte. */
static int
compare(const void *a, const void *b)
{
	const char *s = ((const struct view_bind *)a)->dest;
	const char *t = ((const struct view_bind *)b)->dest;

	for (; *s && *s == *t; s++, t++)
		;
	if (*s == *t)
		return 0;
	if (*s == '\0' || *t == '\0')
		return *s == '\0' ? -1 : 1;
	if (*s == '/' || *t == '/')
		return *s == '/' ? -1 : 1;
	return (unsigned char)*s < (unsigned char)*t ? -1 : 1;
}

/* One dest, one bind: the stricter wins. */
static void
merge_equal(struct view *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		struct view_bind *b = &v->binds[i];
		struct view_bind *last = n ? &v->binds[n - 1] : NULL;

		if (last && strcmp(last->dest, b->dest) == 0) {
			if (b->mode > last->mode)
				last->mode = b->mode;
			continue;
		}
		v->binds[n++] = *b;
	}
	v->n = n;
}

static void
emit(const struct view_bind *b, struct strv *words, struct strv *shown)
{
	static const char *const options[][2] = {
		[VIEW_RW] = {"--bind", "--bind-fd"},
		[VIEW_RO] = {"--ro-bind", "--ro-bind-fd"}};

	if (b->mode == VIEW_MASK) {
		strv_push(words, "--mask");
		strv_push(shown, "--mask");
	} else {
		strv_push(words, options[b->mode][b->fd >= 0]);
		strv_push(words,
			  b->fd >= 0 ? mem_printf("%d", b->fd) : b->src);
		strv_push(shown, options[b->mode][0]);
		strv_push(shown, b->src);
		if (b->fd >= 0 && fd_cloexec(b->fd, 0) < 0)
			die(ERR_TOOL, "cannot pass on '%s': %m", b->src);
	}
	strv_push(words, b->dest);
	strv_push(shown, b->dest);
}

static void
push_each(struct strv *words, struct strv *shown, const char *option,
	  const struct strv *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		for (int k = 0; k < 2; k++) {
			strv_push(k ? shown : words, option);
			strv_push(k ? shown : words, paths->v[i]);
		}
}

/* Whether an enclosing read-only bind shows the same thing already. */
static int
redundant(const struct view *v, size_t i)
{
	const struct view_bind *b = &v->binds[i], *best = NULL;

	for (size_t k = 0; k < i; k++)
		if (path_within(b->dest, v->binds[k].dest))
			best = &v->binds[k]; /* sorted: the last is closest */
	return best && b->mode == VIEW_RO && best->mode == VIEW_RO &&
	       shows(best, b->src, b->dest);
}

void
view_words(struct view *v, struct strv *words, struct strv *shown)
{
	size_t given = v->n;

	for (size_t i = 0; i < given; i++)
		if (v->binds[i].mode != VIEW_RW)
			view_protect(v, v->binds[i].mode, v->binds[i].dest);
	qsort(v->binds, v->n, sizeof(*v->binds), compare);
	merge_equal(v);
	for (size_t i = 0; i < v->links_n; i++) {
		const struct view_link *l = &v->links[i];

		if (enclosing(v, l->path))
			continue;
		for (int k = 0; k < 2; k++) {
			struct strv *w = k ? shown : words;

			strv_push(w, "--symlink");
			strv_push(w, l->target);
			strv_push(w, l->path);
		}
	}
	for (size_t i = 0; i < v->n; i++)
		if (!redundant(v, i))
			emit(&v->binds[i], words, shown);
	push_each(words, shown, "--report", &v->reports);
	push_each(words, shown, "--report-new", &v->reports_new);
}
