#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/mem.h"

/* MAXSYMLINKS of the kernel */
#define LINKS_MAX 40

int
path_within(const char *path, const char *dir)
{
	const char *d = dir;

	/* not strncmp(3): a start asks this thousands of times */
	for (; *d && *d == *path; d++, path++)
		;
	return *d == '\0' && (*path == '/' || *path == '\0' ||
			      strcmp(dir, "/") == 0);
}

int
path_in_system(const char *path)
{
	/* What --system binds: pen-ns(1). */
	static const char *const trees[] = {
		"/usr",	  "/bin",   "/sbin", "/lib", "/lib32",
		"/lib64", "/libx32", "/etc",  "/opt", "/nix/store",
		"/run/current-system", "/run/wrappers"};

	for (size_t i = 0; i < sizeof(trees) / sizeof(*trees); i++)
		if (path_within(path, trees[i]))
			return 1;
	return 0;
}

/* Drops "." and "..", as text, and slashes that are too many. */
static void
normalise(char *path)
{
	char *to = path, *from = path;

	while (*from) {
		size_t n = (size_t)(strchrnul(from, '/') - from);

		if (n == 0) {
			from++;
			continue;
		}
		if (n == 2 && memcmp(from, "..", 2) == 0) {
			while (to > path && *--to != '/')
				;
		} else if (n != 1 || *from != '.') {
			*to++ = '/'; /* there was one at least */
			if (to != from)
				memmove(to, from, n);
			to += n;
		}
		from += n;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

char *
path_expand(const char *path, const char *home)
{
	char *full = *path == '~' ? mem_join(home, path + 1) : mem_copy(path);

	normalise(full);
	return full;
}

char *
path_join(const char *dir, const char *name)
{
	char *path = mem_alloc(strlen(dir) + strlen(name) + 2);
	char *end = stpcpy(path, strcmp(dir, "/") == 0 ? "" : dir);

	stpcpy(stpcpy(end, "/"), name);
	return path;
}

char *
path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	return mem_part(path, slash == path ? 1 : (size_t)(slash - path));
}

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
step(struct walk *w, const char *name, char target[PATH_MAX])
{
	const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(w->fd, name, flags);
	struct stat st;
	ssize_t n;
	char *next;

	if (fd < 0 && errno == ENOENT && w->make &&
	    mkdirat(w->fd, name, 0700) == 0)
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
	struct open_how how = {.flags = O_PATH | O_CLOEXEC,
			       .resolve = RESOLVE_NO_SYMLINKS};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

/* Takes the n bytes of path in one step, if there is no link in them. */
static int
leap(struct walk *w, const char *path, size_t n)
{
	char *part = mem_part(path, n), *next = path_join(w->at, part);
	int fd = n > 0 ? open_without_link(w->fd, part) : -1;

	free(part);
	if (fd < 0) {
		free(next);
		return 0;
	}
	normalise(next);
	free(w->at);
	close(w->fd);
	*w = (struct walk){next, fd, w->make};
	return 1;
}

/*
 * Leaps over all of rest, but at the start, where that was tried, or over all
 * but its last name.  What is left of it.
 */
static char *
leap_far(struct walk *w, char *rest, int start)
{
	char *last = strrchr(rest, '/');

	if (!start && leap(w, rest, strlen(rest)))
		return rest + strlen(rest);
	if (last && leap(w, rest, (size_t)(last - rest)))
		return last + 1;
	return rest;
}

/* Goes where a link leads, unless fn objects: its text comes before rest. */
static char *
take_link(struct walk *w, const char *name, const char *target,
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
walk(struct walk *w, const char *path, path_link_fn *fn, void *arg,
     char **missing)
{
	char *todo = mem_copy(path), *rest = todo, target[PATH_MAX];
	int links = 0, r = 1;

	while (r >= 0 && *(rest += strspn(rest, "/"))) {
		size_t n;
		char *name, *longer = NULL;

		if (r > 0) /* at the start, or behind a link */
			rest = leap_far(w, rest, links == 0);
		if (!*rest)
			break;
		n = strcspn(rest, "/");
		name = mem_part(rest, n);
		r = step(w, name, target);
		if (r > 0 && ++links > LINKS_MAX)
			errno = ELOOP;
		else if (r > 0)
			longer = take_link(w, name, target, rest + n, fn, arg);
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

/* path as path_expand leaves one that has no "~". */
static char *
plain(const char *path)
{
	char *copy = mem_copy(path);

	normalise(copy);
	return copy;
}

int
path_open(const char *path, int make, path_link_fn *fn, void *arg,
	  char **real)
{
	struct walk w = {NULL, path_open_plain(path), make};
	char *missing = NULL;
	int error;

	if (w.fd >= 0) {
		*real = plain(path);
		return w.fd;
	}
	if (errno == ENOENT && !make)
		return -1;
	w.at = mem_copy("/");
	w.fd = open("/", O_PATH | O_CLOEXEC);
	if (w.fd >= 0 && walk(&w, path, fn, arg, &missing) == 0) {
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
		return plain(path);
	w.at = mem_copy("/");
	w.fd = open("/", O_PATH | O_CLOEXEC);
	done = w.fd >= 0 ? walk(&w, path, fn, arg, &missing) : -1;
	if (done == 0 || (w.fd >= 0 && errno == ENOENT)) {
		end = path_join(w.at, missing);
		normalise(end);
	}
	free(missing);
	free(w.at);
	if (w.fd >= 0)
		close(w.fd);
	return end;
}
