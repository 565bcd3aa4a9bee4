#include "pen-review/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/mem.h"

#define FILE_MAX ((size_t)64 << 20)

char *
host_read(const struct project *p, const char *path, size_t *n, struct stat *st)
{
	return beneath_read(p->host, path + 1, FILE_MAX, n, st);
}

int
host_stat(const struct project *p, const char *path, struct stat *st)
{
	const char *name;
	int fd = beneath_parent(p->host, path + 1, &name), bad, saved;

	if (fd < 0)
		return -1;
	bad = fstatat(fd, name, st, AT_SYMLINK_NOFOLLOW) < 0;
	saved = errno;
	close(fd);
	errno = saved;
	return bad ? -1 : 0;
}

/* Opens the directory of path, making what is missing of it. */
static int
open_parent(const struct project *p, const char *path, const char **name)
{
	char *dir = mem_part(path + 1, (size_t)(strrchr(path, '/') - path - 1));
	int fd = beneath_make(p->host, dir, 0777), saved = errno;

	free(dir);
	*name = strrchr(path, '/') + 1;
	errno = saved;
	return fd;
}

int
host_write(const struct project *p, const char *path, const void *text,
	   size_t n, mode_t mode)
{
	const char *name;
	int fd = open_parent(p, path, &name), bad, saved;

	if (fd < 0)
		return -1;
	bad = beneath_write(fd, name, text, n, mode) < 0;
	saved = errno;
	close(fd);
	errno = saved;
	return bad ? -1 : 0;
}

int
host_link(const struct project *p, const char *path, const char *link)
{
	const char *name;
	int fd = open_parent(p, path, &name), bad, saved;
	char temp[32];

	if (fd < 0)
		return -1;
	snprintf(temp, sizeof(temp), ".pen-%d", (int)getpid());
	bad = symlinkat(link, fd, temp) < 0 || renameat(fd, temp, fd, name) < 0;
	saved = errno;
	if (bad)
		unlinkat(fd, temp, 0);
	close(fd);
	errno = saved;
	return bad ? -1 : 0;
}

int
host_remove(const struct project *p, const char *path)
{
	const char *name;
	int fd = beneath_parent(p->host, path + 1, &name), bad, saved;

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	bad = unlinkat(fd, name, 0) < 0 && errno != ENOENT;
	saved = errno;
	close(fd);
	errno = saved;
	return bad ? -1 : 0;
}

char *
host_readlink(const struct project *p, const char *path)
{
	return beneath_readlink(p->host, path + 1);
}
