#include "pen-ns/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/resolve.h"

/* So many names that are missing, and links to them, one destination has. */
#define MISSING_MAX 1000

int
lookup_stat(int fd, unsigned mask, struct statx *sx)
{
	return (int)syscall(SYS_statx, fd, "", AT_EMPTY_PATH, mask, sx);
}

int
lookup_open(int root, const char *path, int flags)
{
	return resolve_open(root, path, flags,
			    RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

/* A destination, while what is missing of it is made. */
struct point {
	int root;
	mode_t above;  /* the mode of the directories over it */
	unsigned left; /* of MISSING_MAX */
};

/* Makes name in the directory parent: a descriptor, or -1. */
static int
make_name(int parent, const char *name, mode_t type, mode_t perms)
{
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		errno = ENOENT; /* of a directory that is missing */
		return -1;
	}
	if (type == S_IFREG)
		return openat(parent, name,
			      O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
				  O_CLOEXEC | O_NONBLOCK,
			      perms);
	if (mkdirat(parent, name, perms) < 0)
		return -1;
	return openat(parent, name,
		      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/*
 * Where the link name in parent, which is the directory dir, leads: a path, or
 * NULL.
 */
static char *
read_link(int parent, const char *dir, const char *name)
{
	char target[PATH_MAX] = "";

	if (readlinkat(parent, name, target, sizeof(target) - 1) < 0)
		return NULL;
	return mem_printf("%s/%s", *target == '/' ? "" : dir, target);
}

/*
 * path is opened, and made in its directory where it is missing, for which the
 * same is done before.  A name that is there and is not found is a link to what
 * is missing.
 */
static int
open_or_make(struct point *p, const char *path, mode_t type, mode_t perms)
{
	int fd = lookup_open(p->root, path, O_PATH), parent, saved;
	size_t end = strlen(path), start;
	char *dir, *name, *target = NULL;

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (p->left-- == 0) {
		errno = ELOOP;
		return -1;
	}
	while (end > 0 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/';)
		start--;
	dir = mem_printf("/%.*s", (int)start, path);
	name = mem_part(path + start, end - start);
	parent = open_or_make(p, dir, S_IFDIR, p->above);
	if (parent >= 0)
		fd = make_name(parent, name, type, perms);
	if (parent >= 0 && fd < 0 && errno == EEXIST)
		target = read_link(parent, dir, name);
	if (target)
		fd = open_or_make(p, target, type, perms);
	saved = errno;
	if (parent >= 0)
		close(parent);
	free(target);
	free(name);
	free(dir);
	errno = saved;
	return fd;
}

int
lookup_make(int root, const char *path, mode_t type, mode_t perms, mode_t above)
{
	struct point p = {root, above, MISSING_MAX};

	return open_or_make(&p, path, type, perms);
}

int
lookup_again(int fd, char name[PATH_MAX])
{
	struct stat want, have;
	char link[32];
	int again = -1;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	memset(name, 0, PATH_MAX);
	if (readlink(link, name, PATH_MAX - 1) > 0)
		again = open(name, O_PATH | O_CLOEXEC);
	if (again < 0 || fstat(fd, &want) < 0 || fstat(again, &have) < 0)
		return -1;
	if (want.st_dev != have.st_dev || want.st_ino != have.st_ino)
		die(ERR_TOOL, "cannot bind '%s': it was replaced", name);
	return again;
}
