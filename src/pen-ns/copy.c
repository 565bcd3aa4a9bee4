#include "pen-ns/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"

#define DEPTH_MAX 32

static int copy_entry(int from, int to, const char *name, int depth);

static int
copy_file(int from, int to, const char *name, mode_t mode)
{
	char buf[16384];
	int in =
	    openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int out, bad;
	ssize_t n = 0;

	unlinkat(to, name, 0); /* what was there may have had another mode */
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		     mode & 0777);
	bad = in < 0 || out < 0;
	while (!bad && (n = read(in, buf, sizeof(buf))) > 0)
		bad = fd_write_all(out, buf, (size_t)n) < 0;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return bad || n < 0 ? -1 : 0;
}

static int
copy_link(int from, int to, const char *name)
{
	char *target = mem_alloc(PATH_MAX);
	int bad = readlinkat(from, name, target, PATH_MAX - 1) < 0;

	unlinkat(to, name, 0);
	bad = bad || symlinkat(target, to, name) < 0;
	free(target);
	return bad ? -1 : 0;
}

static int
copy_directory(int from, int to, const char *name, mode_t mode, int depth)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int out = -1, bad = mkdirat(to, name, (mode & 0777) | 0700) < 0 &&
			    errno != EEXIST;
	DIR *d = NULL;
	struct dirent *e;

	if (depth == 0) {
		errno = E2BIG;
		return -1;
	}
	if (!bad) {
		out = openat(to, name, flags);
		d = fdopendir(openat(from, name, flags));
		bad = out < 0 || !d;
	}
	while (!bad && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			bad =
			    copy_entry(dirfd(d), out, e->d_name, depth - 1) < 0;
	if (d)
		closedir(d);
	if (out >= 0)
		close(out);
	return bad ? -1 : 0;
}

static int
copy_entry(int from, int to, const char *name, int depth)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	if (S_ISDIR(st.st_mode))
		return copy_directory(from, to, name, st.st_mode, depth);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to, name);
	if (S_ISREG(st.st_mode))
		return copy_file(from, to, name, st.st_mode);
	if (S_ISCHR(st.st_mode) && unlinkat(to, name, 0) < 0 && errno != ENOENT)
		return -1;
	return 0; /* a socket or a FIFO is nobody's to have twice */
}

int
copy_below(int from, int to, const char *name)
{
	const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	const char *slash = strchr(name, '/');
	char *first;
	int below, made, result;

	if (!slash)
		return copy_entry(from, to, name, DEPTH_MAX);
	first = mem_part(name, (size_t)(slash - name));
	mkdirat(to, first, 0700);
	below = openat(from, first, flags);
	made = openat(to, first, flags);
	result = made < 0    ? -1
		 : below < 0 ? (errno == ENOENT ? 0 : -1)
			     : copy_below(below, made, slash + 1);
	if (below >= 0)
		close(below);
	if (made >= 0)
		close(made);
	free(first);
	return result;
}
