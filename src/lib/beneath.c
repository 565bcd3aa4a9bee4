#include "lib/beneath.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/resolve.h"

/* Each level that is removed holds a descriptor. */
#define DEPTH_MAX 256

int
beneath_open(int dir, const char *path, int flags)
{
	if (!(flags & O_PATH))
		flags |= O_NONBLOCK | O_NOCTTY;
	while (*path == '/')
		path++;
	if (*path == '\0')
		path = ".";
	return resolve_open(dir, path, flags | O_NOFOLLOW,
			    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
				RESOLVE_NO_MAGICLINKS);
}

char *
beneath_read(int dir, const char *path, size_t max, size_t *n, struct stat *st)
{
	int fd = beneath_open(dir, path, O_RDONLY), saved;
	struct stat own;
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (!st)
		st = &own;
	if (fstat(fd, st) == 0) {
		if (S_ISREG(st->st_mode))
			text = fd_read_all(fd, max, n);
		else
			errno = EINVAL;
	}
	saved = errno;
	close(fd);
	errno = saved;
	return text;
}

int
beneath_make(int dir, const char *path, mode_t mode)
{
	char *copy = mem_copy(path), *at = copy;
	int fd = beneath_open(dir, "", O_RDONLY | O_DIRECTORY), next, saved;

	while (fd >= 0 && *(at += strspn(at, "/"))) {
		size_t n = strcspn(at, "/");
		int more = at[n] != '\0';

		at[n] = '\0';
		if (mkdirat(fd, at, mode) < 0 && errno != EEXIST)
			next = -1;
		else
			next = beneath_open(fd, at, O_RDONLY | O_DIRECTORY);
		saved = errno;
		close(fd);
		errno = saved;
		fd = next;
		at += n + (size_t)more;
	}
	saved = errno;
	free(copy);
	errno = saved;
	return fd;
}

int beneath_scratch = -1;

/* By a new file in scratch. */
static int
write_from(int scratch, int dir, const char *name, const void *p, size_t n,
	   mode_t mode)
{
	char temp[32];
	int fd = -1, bad, saved;

	for (unsigned i = 0; fd < 0 && i < 100; i++) {
		snprintf(temp, sizeof(temp), ".pen-%d-%u", (int)getpid(), i);
		fd = openat(
		    scratch, temp,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	if (fd < 0)
		return -1;
	bad = fd_write_all(fd, p, n) < 0 || fchmod(fd, mode & 0777) < 0;
	saved = errno;
	if (close(fd) < 0 && !bad) {
		bad = 1;
		saved = errno;
	}
	if (!bad && renameat(scratch, temp, dir, name) == 0)
		return 0;
	if (!bad)
		saved = errno;
	unlinkat(scratch, temp, 0);
	errno = saved;
	return -1;
}

int
beneath_write(int dir, const char *name, const void *p, size_t n, mode_t mode)
{
	struct stat here, there;

	if (beneath_scratch >= 0 && fstat(beneath_scratch, &here) == 0 &&
	    fstat(dir, &there) == 0 && here.st_dev == there.st_dev) {
		if (write_from(beneath_scratch, dir, name, p, n, mode) == 0)
			return 0;
		if (errno != EXDEV)
			return -1;
	}
	return write_from(dir, dir, name, p, n, mode);
}

/* The directory name in dir, made readable; -1 with errno. */
static int
open_for_removal(int dir, const char *name)
{
	int fd = beneath_open(dir, name, O_RDONLY | O_DIRECTORY);
	char link[32];

	if (fd >= 0 || errno != EACCES)
		return fd;
	fd = beneath_open(dir, name, O_PATH | O_DIRECTORY);
	if (fd < 0)
		return -1;
	/* fchmod(2) takes no O_PATH, and chmod(2) would follow a link */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	chmod(link, 0700);
	close(fd);
	return beneath_open(dir, name, O_RDONLY | O_DIRECTORY);
}

static int remove_entry(int dir, const char *name, int depth);

static int
remove_below(int fd, int depth)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;
	int bad = 0;

	if (!d) {
		close(fd);
		return -1;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			bad |= remove_entry(dirfd(d), e->d_name, depth - 1) < 0;
	closedir(d);
	return bad ? -1 : 0;
}

static int
remove_entry(int dir, const char *name, int depth)
{
	struct stat here, there;
	int fd;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (depth == 0) {
		errno = ELOOP;
		return -1;
	}
	fd = open_for_removal(dir, name);
	if (fd < 0)
		return -1;
	if (fstat(dir, &here) < 0 || fstat(fd, &there) < 0 ||
	    here.st_dev != there.st_dev) {
		close(fd);
		errno = EXDEV;
		return -1;
	}
	if (fchmod(fd, 0700) < 0 || remove_below(fd, depth) < 0)
		return -1;
	return unlinkat(dir, name, AT_REMOVEDIR);
}

int
beneath_remove(int dir, const char *name)
{
	return remove_entry(dir, name, DEPTH_MAX);
}

char *
beneath_readlink(int dir, const char *path)
{
	char text[PATH_MAX];
	const char *name;
	int fd = beneath_parent(dir, path, &name), saved;
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = readlinkat(fd, name, text, sizeof(text));
	saved = errno;
	close(fd);
	errno = saved;
	return n < 0 ? NULL : mem_part(text, (size_t)n);
}

int
beneath_parent(int dir, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *above =
	    slash ? mem_part(path, (size_t)(slash - path)) : mem_copy("");
	int fd = beneath_open(dir, above, O_RDONLY | O_DIRECTORY);
	int saved = errno;

	*name = slash ? slash + 1 : path;
	free(above);
	errno = saved;
	return fd;
}
