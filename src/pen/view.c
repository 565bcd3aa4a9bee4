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

/* Of a tmpfs of its own, in bytes. */
#define PRIVATE_SIZE "67108864"

void
view_writes(struct view *v, const char *path)
{
	strv_push(&v->trees, mem_copy(path));
}

int
view_writable(const struct view *v, const char *path)
{
	for (size_t i = 0; i < v->trees.n; i++)
		if (path_within(path, v->trees.v[i]))
			return 1;
	return 0;
}

struct opening {
	const struct view *v;
	const struct strv *never;
	char *planted;
};

/* Whether another run may be able to write to dir. */
static int
doubtful(const struct strv *never, const char *dir)
{
	struct stat st;

	for (size_t i = 0; i < never->n; i++)
		if (path_within(never->v[i], dir))
			return 0;
	return stat(dir, &st) < 0 || st.st_uid != 0;
}

static int
judge_link(void *arg, const char *link, const char *target)
{
	struct opening *o = arg;
	char *dir = path_parent(link);
	int writable = view_writable(o->v, dir) ||
		       (o->never && doubtful(o->never, dir));

	(void)target;
	free(dir);
	if (!writable)
		return 0;
	o->planted = mem_copy(link);
	errno = ELOOP;
	return -1;
}

int
view_open(const struct view *v, const char *path, int make,
	  const struct strv *never, char **real, char **planted)
{
	struct opening o = {v, never, NULL};
	int fd = path_open(path, make, judge_link, &o, real);

	*planted = o.planted;
	return fd;
}

static struct view_bind *
find_dest(const struct view *v, const char *dest)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->binds[i].dest, dest) == 0)
			return &v->binds[i];
	return NULL;
}

int
view_bind(struct view *v, enum view_mode mode, const char *src,
	  const char *dest, int fd)
{
	struct view_bind *b = find_dest(v, dest);

	if (b && mode <= b->mode) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	if (b && b->fd >= 0)
		close(b->fd);
	if (!b) {
		v->binds = mem_grow(v->binds, v->n + 1, sizeof(*v->binds));
		b = &v->binds[v->n++];
	}
	*b = (struct view_bind){mode, mem_copy(src), mem_copy(dest), fd, 0, 0};
	return 1;
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
	char *path = mem_join(b->src, dest + strlen(b->dest));
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

/* Whoever made the project may have seen to these, and to no other error. */
static int
by_project(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP ||
	       error == EACCES || error == ENAMETOOLONG;
}

/* What cannot be covered is reported, or fatal for a mask. */
static enum view_found
not_covered(struct view *v, enum view_mode mode, const char *src, int error)
{
	if (mode >= VIEW_TMPFS && error != ENOENT && error != ENOTDIR)
		die(ERR_TOOL, "cannot %s '%s': %s",
		    mode == VIEW_MASK ? "mask" : "mount a tmpfs on", src,
		    error == ELOOP ? "it is a symbolic link"
				   : strerror(error));
	if (!by_project(error))
		die(ERR_TOOL, "cannot cover '%s': %s", src, strerror(error));
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
		char *name = mem_part(rel, (size_t)(end - rel));
		char *src = path_join(root->src, name);
		char *dest = path_join(root->dest, name);
		int fd;

		if (!find_dest(v, dest)) {
			fd = open_below(dir, name);
			if (fd < 0)
				die(ERR_TOOL, "cannot open '%s': %m", src);
			view_bind(v, VIEW_RW, src, dest, fd);
			v->binds[v->n - 1].pin = 1;
		}
		free(name);
		free(src);
		free(dest);
	}
}

/* Whether name is missing in root, which is open as dir. */
static int
lacks(struct view *v, const struct view_bind *root, int dir, const char *name)
{
	struct stat st;

	if (!v->names_of || strcmp(v->names_of, root->src) != 0) {
		free(v->names_of);
		v->names_of = mem_copy(root->src);
		v->names = (struct names){0};
	}
	if (dir == root->fd && names_lack(&v->names, dir, name))
		return 1;
	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 &&
	       errno == ENOENT;
}

/*
 * Whether rel, or the first directory on the way to it, is missing in root,
 * which is open as dir: a look at it costs half as much as opening it does, and
 * nothing the second time.
 */
static int
is_missing(struct view *v, const struct view_bind *root, int dir,
	   const char *rel)
{
	char *name = mem_part(rel, strcspn(rel, "/"));
	char *path = path_join(root->src, name);

	if (!v->last || v->last_in != dir || strcmp(v->last, path) != 0) {
		v->last_missing = lacks(v, root, dir, name);
		v->last_in = dir;
		free(v->last);
		v->last = path;
		path = NULL;
	}
	free(path);
	free(name);
	return v->last_missing;
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
	if (dir >= 0 && is_missing(v, &root, dir, rel))
		errno = ENOENT;
	else if (dir >= 0)
		fd = open_below(dir, rel);
	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISLNK(st.st_mode)) {
		if (root.mode == VIEW_RW)
			pin(v, &root, dir, rel);
		if (view_bind(v, mode, src, dest, fd) && mode == VIEW_RO)
			check_names(&st, src);
		find_dest(v, dest)->pinned = 1;
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

/* The innermost bind that shows dest, dest's own included; pins are none. */
static const struct view_bind *
shown_by(const struct view *v, const char *dest)
{
	const struct view_bind *best = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct view_bind *b = &v->binds[i];

		if (!b->pin && path_within(dest, b->dest) &&
		    (!best || strlen(b->dest) > strlen(best->dest)))
			best = b;
	}
	return best;
}

/* Covers path, which root shows: as itself, or below it. */
static enum view_found
tighten(struct view *v, enum view_mode mode, const struct view_bind *root,
	const char *path)
{
	const char *rest = path + strlen(root->src);

	if (*rest != '\0')
		return protect(v, mode, *root, rest + 1);
	find_dest(v, root->dest)->mode = mode;
	return VIEW_COVERED;
}

/* A mask of what --system shows. */
static void
mask_system(struct view *v, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		not_covered(v, VIEW_MASK, path, ELOOP);
	else if (lstat(path, &st) == 0)
		view_bind(v, VIEW_MASK, path, path, -1);
}

/* Opens the directory dir, unless it was looked at: path_open_plain. */
static struct view_place *
look(struct view *v, const char *dir)
{
	struct view_place *p;
	size_t n = v->places_n < VIEW_PLACES ? v->places_n : VIEW_PLACES;

	for (p = v->places; p < v->places + n; p++)
		if (strcmp(p->dir, dir) == 0 ||
		    (p->error == ENOENT && path_within(dir, p->dir)))
			return p;
	p = &v->places[v->places_n++ % VIEW_PLACES];
	if (v->places_n > VIEW_PLACES) {
		free(p->dir);
		if (p->fd >= 0)
			close(p->fd);
	}
	p->dir = mem_copy(dir);
	p->fd = path_open_plain(dir);
	p->error = p->fd < 0 ? errno : 0;
	p->names = (struct names){0};
	if (p->fd < 0 && !by_project(errno))
		die(ERR_TOOL, "cannot look into '%s': %m", dir);
	return p;
}

/* Whether name in the directory that was looked at is one. */
static int
is_link(struct view_place *in, const char *name)
{
	struct stat st;

	return in->fd >= 0 && !names_lack(&in->names, in->fd, name) &&
	       fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(st.st_mode);
}

enum view_found
view_protect(struct view *v, enum view_mode mode, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char *dir = path_parent(path);
	struct view_place *in = look(v, dir);
	int far = in->error == ELOOP;
	char *up = far ? path_settle(dir, NULL, NULL) : NULL;
	char *real = up ? path_join(up, name) : mem_copy(path);
	enum view_found found = VIEW_ELSEWHERE, one;
	size_t n = v->n; /* what comes after these are covers */

	for (size_t i = 0; i < n; i++) {
		struct view_bind b = v->binds[i];
		char *dest;

		if (b.pin || b.mode >= mode || !path_within(real, b.src))
			continue;
		/* what only leads there has no say over a whole tree */
		if (strcmp(real, b.src) == 0 && strcmp(real, path) != 0 &&
		    mode == VIEW_RO)
			continue;
		dest = mem_join(b.dest, real + strlen(b.src));
		if (shown_by(v, dest) == &v->binds[i]) {
			one = tighten(v, mode, &b, real);
			found = one > found ? one : found;
		}
		free(dest);
	}
	if (found == VIEW_ELSEWHERE && (far || is_link(in, name)))
		found = VIEW_LINK;
	if (mode == VIEW_MASK && path_in_system(real) && !shown_by(v, real))
		mask_system(v, real);
	/* the run can take away a link on the way to it */
	if (strcmp(real, path) != 0 && view_writable(v, path))
		view_report(v, path);
	free(real);
	free(up);
	free(dir);
	return found;
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

static void
push_tmpfs(struct strv *words)
{
	static const char *const options[] = {"--size", PRIVATE_SIZE, "--perms",
					      "0700", "--tmpfs"};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		strv_push(words, options[i]);
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
	} else if (b->mode == VIEW_TMPFS) {
		push_tmpfs(words);
		push_tmpfs(shown);
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
push_each(struct strv *words, const char *option, const struct strv *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		strv_push(words, option);
		strv_push(words, paths->v[i]);
	}
}

/*
 * Whether an enclosing read-only bind shows the same thing already, or none
 * shows what a mask would hide.
 */
static int
redundant(const struct view *v, size_t i)
{
	const struct view_bind *b = &v->binds[i], *best = NULL;

	for (size_t k = 0; k < i; k++)
		if (path_within(b->dest, v->binds[k].dest))
			best = &v->binds[k]; /* sorted: the last is closest */
	if (b->mode == VIEW_MASK)
		return !best && !path_in_system(b->dest);
	return best && b->mode == VIEW_RO && best->mode == VIEW_RO &&
	       shows(best, b->src, b->dest);
}

/*
 * What is read-only or masked below something writable is on a mount of its
 * own; the directories on the way to it are not yet, but where it is still to
 * be made.
 */
static void
pin_around(struct view *v, const struct view_bind b)
{
	char *up = path_parent(b.dest);
	const struct view_bind *root = shown_by(v, up);

	if (b.mode != VIEW_RW && b.fd >= 0 && !b.pinned && root &&
	    root->mode == VIEW_RW)
		protect(v, b.mode, *root, b.dest + strlen(root->dest) + 1);
	free(up);
}

void
view_words(struct view *v, struct strv *words, struct strv *shown)
{
	for (size_t i = 0, given = v->n; i < given; i++)
		pin_around(v, v->binds[i]);
	qsort(v->binds, v->n, sizeof(*v->binds), compare);
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
}

void
view_report_words(const struct view *v, struct strv *words)
{
	push_each(words, "--report", &v->reports);
	push_each(words, "--report-new", &v->reports_new);
	for (size_t i = 0; i < v->more.n; i++)
		strv_push(words, v->more.v[i]);
}
