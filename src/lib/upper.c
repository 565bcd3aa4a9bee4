#include "lib/upper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/mem.h"

/* Each level holds two descriptors. */
#define DEPTH_MAX 128

#define BLOCK 65536

struct walking {
	upper_fn *fn;
	void *arg;
	int error; /* of what could not be read */
};

static int
has_attribute(int dir, const char *name, const char *attribute, char value)
{
	char path[64 + NAME_MAX], got[8];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
	n = lgetxattr(path, attribute, got, sizeof(got));
	return n >= 0 && (!value || (n == 1 && *got == value));
}

int
upper_is_whiteout(int dir, const char *name, const struct stat *st)
{
	if (S_ISCHR(st->st_mode))
		return st->st_rdev == makedev(0, 0);
	return S_ISREG(st->st_mode) && st->st_size == 0 &&
	       has_attribute(dir, name, "user.overlay.whiteout", 0);
}

int
upper_is_opaque(int dir, const char *name)
{
	return has_attribute(dir, name, "user.overlay.opaque", 'y');
}

static void
tell_entry(const struct walking *w, enum upper_kind kind, const char *path,
	   const struct stat *st, const struct stat *lower)
{
	const struct upper_entry e = {kind, path, *st, lower};

	w->fn(w->arg, &e);
}

static int
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static DIR *
open_directory(struct walking *w, int dir, const char *name)
{
	int fd = beneath_open(dir, name, O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		w->error = errno;
		if (fd >= 0)
			close(fd);
	}
	return d;
}

static char *
join_path(const char *path, const char *name)
{
	return *path ? mem_printf("%s/%s", path, name) : mem_copy(name);
}

/* Whether the files open as a and b have the same bytes. */
static int
same_bytes(int a, int b)
{
	char *x = mem_alloc(2 * BLOCK), *y = x + BLOCK;
	ssize_t n = 0, k = 0;

	do {
		n = read(a, x, BLOCK);
		k = n > 0 ? read(b, y, (size_t)n) : 0;
	} while (n > 0 && n == k && memcmp(x, y, (size_t)n) == 0);
	free(x);
	return n == 0;
}

static int
same_file(int up, int low, const char *name)
{
	int a = beneath_open(up, name, O_RDONLY);
	int b = beneath_open(low, name, O_RDONLY);
	int same = a >= 0 && b >= 0 && same_bytes(a, b);

	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
	return same;
}

static int
same_link(int up, int low, const char *name)
{
	char *a = beneath_readlink(up, name), *b = beneath_readlink(low, name);
	int same = a && b && strcmp(a, b) == 0;

	free(a);
	free(b);
	return same;
}

/* Whether both are one file, to those who do not look at its times. */
static int
is_same(int up, int low, const char *name, const struct stat *a,
	const struct stat *b)
{
	if ((a->st_mode & S_IFMT) != (b->st_mode & S_IFMT))
		return 0;
	if (S_ISLNK(a->st_mode))
		return same_link(up, low, name);
	return a->st_size == b->st_size &&
	       ((a->st_mode ^ b->st_mode) & 0111) == 0 &&
	       same_file(up, low, name);
}

/* The lower name and all that is in it. */
static void
say_removed(struct walking *w, int low, const char *name, const char *path,
	    int depth)
{
	struct stat st;
	struct dirent *e;
	DIR *d;

	if (fstatat(low, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	d = S_ISDIR(st.st_mode) && depth > 0 ? open_directory(w, low, name)
					     : NULL;
	while (d && (e = readdir(d))) {
		char *below;

		if (is_dots(e->d_name))
			continue;
		below = join_path(path, e->d_name);
		say_removed(w, dirfd(d), e->d_name, below, depth - 1);
		free(below);
	}
	if (d)
		closedir(d);
	if (S_ISDIR(st.st_mode) && depth == 0)
		w->error = ELOOP;
	else
		tell_entry(w, UPPER_REMOVED, path, &st, &st);
}

/* What the lower directory has and the upper, which hides it, has not. */
static void
say_hidden(struct walking *w, int up, int low, const char *path, int depth)
{
	DIR *d = open_directory(w, low, "");
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		char *below;

		if (is_dots(e->d_name) ||
		    fstatat(up, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		below = join_path(path, e->d_name);
		say_removed(w, low, e->d_name, below, depth);
		free(below);
	}
	if (d)
		closedir(d);
}

static int walk(struct walking *w, int up, int low, const char *path, int hides,
		int depth);

/* A directory that was made in one that hides all of the host's does, too. */
static void
walk_directory(struct walking *w, int up, int low, const char *name,
	       const char *path, const struct stat *st,
	       const struct stat *lower, int hides, int depth)
{
	int own = beneath_open(up, name, O_RDONLY | O_DIRECTORY), host = -1;
	int there = lower && S_ISDIR(lower->st_mode);

	hides = hides || upper_is_opaque(up, name);

	if (lower && !there)
		tell_entry(w, UPPER_REMOVED, path, lower, lower);
	if (there)
		host = beneath_open(low, name, O_RDONLY | O_DIRECTORY);
	if (own < 0 || (there && host < 0) || depth == 0) {
		w->error = depth ? errno : ELOOP;
	} else {
		if (there && hides)
			say_hidden(w, own, host, path, depth - 1);
		if (walk(w, own, host, path, hides, depth - 1) == 0 && !there)
			tell_entry(w, UPPER_CREATED, path, st, NULL);
	}
	if (own >= 0)
		close(own);
	if (host >= 0)
		close(host);
}

static void
walk_name(struct walking *w, int up, int low, const char *name,
	  const char *path, int hides, int depth)
{
	struct stat st, below;
	const struct stat *lower = NULL;

	if (fstatat(up, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (low >= 0 && fstatat(low, name, &below, AT_SYMLINK_NOFOLLOW) == 0)
		lower = &below;
	if (upper_is_whiteout(up, name, &st)) {
		if (lower)
			say_removed(w, low, name, path, depth);
	} else if (S_ISDIR(st.st_mode)) {
		walk_directory(w, up, low, name, path, &st, lower, hides,
			       depth);
	} else if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) {
		tell_entry(w, UPPER_OTHER, path, &st, lower);
	} else if (lower && S_ISDIR(lower->st_mode)) {
		say_removed(w, low, name, path, depth);
		tell_entry(w, UPPER_CREATED, path, &st, NULL);
	} else {
		tell_entry(w,
			   !lower				? UPPER_CREATED
			   : is_same(up, low, name, &st, lower) ? UPPER_SAME
								: UPPER_CHANGED,
			   path, &st, lower);
	}
}

/* How many names up has. */
static int
walk(struct walking *w, int up, int low, const char *path, int hides, int depth)
{
	DIR *d = open_directory(w, up, "");
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d))) {
		char *below;

		if (is_dots(e->d_name))
			continue;
		below = join_path(path, e->d_name);
		walk_name(w, up, low, e->d_name, below, hides, depth);
		free(below);
		n = 1;
	}
	if (d)
		closedir(d);
	return n;
}

int
upper_walk(int up, int low, upper_fn *fn, void *arg)
{
	struct walking w = {fn, arg, 0};

	walk(&w, up, low, "", 0, DEPTH_MAX);
	errno = w.error;
	return w.error ? -1 : 0;
}
