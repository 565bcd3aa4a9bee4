#include "pen/path_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/resolve.h"
#include "pen/path.h"

/* MAXSYMLINKS of the kernel */
#define LINKS_MAX 40

/* How far a path has been walked. */
struct walk {
	char *at; /* without a link in it */
	int fd;	  /* the same, opened */
	int make;
};

/*
 * Takes one step over name.  1: a link, whose text is in target; 0: there; -1
 * with errno.
 */
static int
step_over(struct walk *w, const char *name, char target[PATH_MAX])
{
	const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(w->fd, name, flags);
	struct stat st;
	ssize_t n;
	char *next;

	/* or another pen has made it meanwhile */
	if (fd < 0 && errno == ENOENT && w->make &&
	    (mkdirat(w->fd, name, 0700) == 0 || errno == EEXIST))
		fd = openat(w->fd, name, flags);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (S_ISLNK(st.st_mode)) {
		n = readlinkat(fd, "", target, PATH_MAX - 1);
		close(fd);
		if (n < 0)
			return -1;
		target[n] = '\0';
		return 1;
	}
	if (strcmp(name, ".") == 0)
		next = mem_copy(w->at);
	else
		next = strcmp(name, "..") == 0 ? path_parent(w->at)
					       : path_join(w->at, name);
	free(w->at);
	close(w->fd);
	*w = (struct walk){next, fd, w->make};
	return 0;
}

/* Opens path below dir (O_PATH), or -1 with errno: ELOOP for any link. */
static int
open_without_link(int dir, const char *path)
{
	return resolve_open(dir, path, O_PATH, RESOLVE_NO_SYMLINKS);
}

/* Goes where a link leads, unless fn objects: its text comes before rest. */
static char *
follow_link(struct walk *w, const char *name, const char *target,
	    const char *rest, path_link_fn *fn, void *arg)
{
	char *link = path_join(w->at, name);
	int bad = fn && fn(arg, link, target) < 0;

	free(link);
	if (bad)
		return NULL;
	if (*target == '/') {
		int fd = open("/", O_PATH | O_CLOEXEC);

		if (fd < 0)
			return NULL;
		close(w->fd);
		w->fd = fd;
		memcpy(w->at, "/", 2);
	}
	return mem_join(target, rest);
}

/*
 * Walks path from the root.  0, or -1 with errno, and then *missing is what was
 * not walked any more.
 */
static int
walk_path(struct walk *w, const char *path, path_link_fn *fn, void *arg,
	  char **missing)
{
	char *todo = mem_copy(path), *rest = todo, target[PATH_MAX];
	int links = 0, r = 0;

	while (r >= 0 && *(rest += strspn(rest, "/"))) {
		size_t n = strcspn(rest, "/");
		char *name = mem_part(rest, n), *longer = NULL;

		r = step_over(w, name, target);
		if (r > 0 && ++links > LINKS_MAX)
			errno = ELOOP;
		else if (r > 0)
			longer =
			    follow_link(w, name, target, rest + n, fn, arg);
		if (r > 0 && !longer)
			r = -1;
		free(name);
		if (longer) {
			free(todo);
			rest = todo = longer;
		} else if (r == 0) {
			rest += n;
		}
	}
	*missing = mem_copy(rest);
	free(todo);
	return r < 0 ? -1 : 0;
}

/* Most paths have no link in them, and the kernel is asked but once. */
int
path_open_plain(const char *path)
{
	return open_without_link(AT_FDCWD, path);
}

int
path_open(const char *path, int make, path_link_fn *fn, void *arg, char **real)
{
	struct walk w = {NULL, path_open_plain(path), make};
	char *missing = NULL;
	int error;

	if (w.fd >= 0) {
		*real = path_expand(path, "");
		return w.fd;
	}
	if (errno == ENOENT && !make)
		return -1;
	w.at = mem_copy("/");
	w.fd = open("/", O_PATH | O_CLOEXEC);
	if (w.fd >= 0 && walk_path(&w, path, fn, arg, &missing) == 0) {
		free(missing);
		*real = w.at;
		return w.fd;
	}
	error = errno;
	free(missing);
	free(w.at);
	if (w.fd >= 0)
		close(w.fd);
	errno = error;
	return -1;
}

char *
path_follow(const char *path, path_link_fn *fn, void *arg)
{
	char *real;
	int fd = path_open(path, 0, fn, arg, &real);

	if (fd < 0)
		return NULL;
	close(fd);
	return real;
}

char *
path_settle(const char *path, path_link_fn *fn, void *arg)
{
	struct walk w = {NULL, path_open_plain(path), 0};
	char *missing = NULL, *end = NULL;
	int done;

	if (w.fd >= 0)
		close(w.fd);
	if (w.fd >= 0 || errno == ENOENT) /* no link in what is there */
		return path_expand(path, "");
	w.at = mem_copy("/");
	w.fd = open("/", O_PATH | O_CLOEXEC);
	done = w.fd >= 0 ? walk_path(&w, path, fn, arg, &missing) : -1;
	if (done == 0 || (w.fd >= 0 && errno == ENOENT)) {
		char *joined = path_join(w.at, missing);

		end = path_expand(joined, "");
		free(joined);
	}
	free(missing);
	free(w.at);
	if (w.fd >= 0)
		close(w.fd);
	return end;
}
