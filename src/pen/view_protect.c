#include "pen/view_protect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/resolve.h"
#include "pen/path.h"
#include "pen/path_follow.h"

/*
 * Opens name below the directory dir and nothing else: a link on the way would
 * lead the read-only bind, or the writable one of a pin, somewhere else.
 */
static int
open_below(int dir, const char *name)
{
	return resolve_open(dir, name, O_PATH | O_NOFOLLOW,
			    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
				RESOLVE_NO_MAGICLINKS);
}

/* Whoever made the project may have seen to these, and to no other error. */
static int
by_project(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP ||
	       error == EACCES || error == ENAMETOOLONG;
}

/* What cannot be covered is fatal for a mask. */
static enum view_found
not_covered(enum view_mode mode, const char *src, int error)
{
	if (mode >= VIEW_TMPFS && error != ENOENT && error != ENOTDIR)
		die(ERR_TOOL, "cannot %s '%s': %s",
		    mode == VIEW_MASK ? "mask" : "mount a tmpfs on", src,
		    error == ELOOP ? "it is a symbolic link" : strerror(error));
	if (!by_project(error))
		die(ERR_TOOL, "cannot cover '%s': %s", src, strerror(error));
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
pin_parents(struct view *v, const struct view_bind *root, int dir,
	    const char *rel)
{
	/* in an overlay, no directory of the host's can be renamed */
	if (root->over)
		return;
	for (const char *end = rel; (end = strchr(end, '/')); end++) {
		char *name = mem_part(rel, (size_t)(end - rel));
		char *src = path_join(root->src, name);
		char *dest = path_join(root->dest, name);
		int fd;

		if (!view_find(v, dest)) {
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

/* Covers root/rel, if it is there and no link leads to it. */
static enum view_found
protect_path(struct view *v, enum view_mode mode, struct view_bind root,
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
		if (root.mode == VIEW_RW)
			pin_parents(v, &root, dir, rel);
		if (view_bind(v, mode, src, dest, fd) && mode == VIEW_RO)
			check_names(&st, src);
		view_find(v, dest)->pinned = 1;
	} else {
		found = not_covered(mode, src, fd < 0 ? errno : ELOOP);
		if (fd >= 0)
			close(fd);
	}
	if (dir >= 0 && dir != root.fd)
		close(dir);
	free(src);
	free(dest);
	return found;
}

/* Covers path, which root shows: as itself, or below it. */
static enum view_found
tighten(struct view *v, enum view_mode mode, const struct view_bind *root,
	const char *path)
{
	const char *rest = path + strlen(root->src);

	if (*rest != '\0')
		return protect_path(v, mode, *root, rest + 1);
	view_find(v, root->dest)->mode = mode;
	return VIEW_COVERED;
}

/* A mask of what --system shows. */
static void
mask_system(struct view *v, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		not_covered(VIEW_MASK, path, ELOOP);
	else if (lstat(path, &st) == 0)
		view_bind(v, VIEW_MASK, path, path, -1);
}

/* Whether name in dir is a symbolic link; -1: links lead to dir itself. */
static int
find_link(const char *dir, const char *name)
{
	int fd = path_open_plain(dir), is_link;
	struct stat st;

	if (fd < 0 && !by_project(errno))
		die(ERR_TOOL, "cannot look into '%s': %m", dir);
	if (fd < 0)
		return errno == ELOOP ? -1 : 0;
	is_link = fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		  S_ISLNK(st.st_mode);
	close(fd);
	return is_link;
}

enum view_found
view_protect(struct view *v, enum view_mode mode, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char *dir = path_parent(path);
	int links = find_link(dir, name), far = links < 0;
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
		if (view_around(v, dest) == &v->binds[i]) {
			one = tighten(v, mode, &b, real);
			found = one > found ? one : found;
		}
		free(dest);
	}
	if (found == VIEW_ELSEWHERE && links)
		found = VIEW_LINK;
	if (mode == VIEW_MASK && path_in_system(real) && !view_around(v, real))
		mask_system(v, real);
	free(real);
	free(up);
	free(dir);
	return found;
}

/* Nails down the directories around b, which was there before they were. */
static void
pin_around(struct view *v, const struct view_bind b)
{
	char *up = path_parent(b.dest);
	const struct view_bind *root = view_around(v, up);

	if (b.mode != VIEW_RW && b.fd >= 0 && !b.pinned && root &&
	    root->mode == VIEW_RW)
		protect_path(v, b.mode, *root, b.dest + strlen(root->dest) + 1);
	free(up);
}

void
view_pin_all(struct view *v)
{
	for (size_t i = 0, given = v->n; i < given; i++)
		pin_around(v, v->binds[i]);
}
