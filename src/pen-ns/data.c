#include "pen-ns/data.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "pen-ns/lookup.h"
#include "pen-ns/mount.h"
#include "pen-ns/view.h"

/* In base, what other files are covered with. */
#define EMPTY_NAME "empty"

void
data_copy(int from, int to, const char *dest)
{
	char buf[16384];
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || fd_write_all(to, buf, (size_t)n) < 0)
			die(ERR_TOOL, "cannot copy descriptor %d to '%s': %m",
			    from, dest);
	}
}

/*
 * Binds a new file with what can be read from from on dest.  In base it keeps
 * its name, without which nothing could be mounted on it inside
 * (get_mountpoint).
 */
static void
bind_file(struct view *v, int from, mode_t perms, uint64_t attrs,
	  const char *dest)
{
	char *name = view_name(v);
	int file =
	    openat(v->base, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, perms);
	int tree;

	if (file < 0)
		die(ERR_TOOL, "cannot make a file for '%s': %m", dest);
	data_copy(from, file, dest);
	tree = mount_copy(v->base, name, MOUNT_SAFE | attrs);
	if (tree < 0)
		view_die(NULL, dest);
	view_mount(v, tree, NULL, dest);
	close(file);
	free(name);
}

void
data_bind(struct view *v, const struct op *op)
{
	bind_file(v, op->fd, op->perms,
		  op->flags & OP_RO ? MOUNT_ATTR_RDONLY : 0, op->dest);
}

void
data_bind_copy(struct view *v, const struct op *op)
{
	int from =
	    lookup_open(v->root, op->dest, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (from < 0 || fstat(from, &st) < 0)
		die(ERR_TOOL, "cannot copy '%s': %m", op->dest);
	if (!S_ISREG(st.st_mode))
		die(ERR_TOOL, "cannot copy '%s': it is not a file", op->dest);
	bind_file(v, from, 0444, MOUNT_ATTR_RDONLY, op->dest);
	close(from);
}

static int
empty_directory(void)
{
	static const char *const opts[] = {"source", "tmpfs",	  "size",
					   "4k",     "nr_inodes", "2",
					   "mode",   "555",	  NULL};
	int fd = mount_new("tmpfs", MOUNT_SAFE | MOUNT_ATTR_RDONLY, opts);

	if (fd < 0)
		view_die(NULL, "tmpfs");
	return fd;
}

static int
empty_file(const struct view *v)
{
	if (mknodat(v->base, EMPTY_NAME, S_IFREG, 0) < 0 && errno != EEXIST)
		return -1;
	return mount_copy(v->base, EMPTY_NAME, MOUNT_SAFE | MOUNT_ATTR_RDONLY);
}

void
data_mask(const struct view *v, int dirfd, const char *path)
{
	struct stat st;
	int fd = lookup_open(dirfd, path, O_PATH), tree;

	if (fd < 0 || fstat(fd, &st) < 0)
		die(ERR_TOOL, "cannot mask '%s': %m", path);
	tree = S_ISDIR(st.st_mode) ? empty_directory() : empty_file(v);
	if (tree < 0 || mount_move(tree, fd, "") < 0)
		die(ERR_TOOL, "cannot mask '%s': %m", path);
	close(tree);
	close(fd);
}
