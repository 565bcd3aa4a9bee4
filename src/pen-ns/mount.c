#include "pen-ns/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/mem.h"

/* As many links as the kernel follows (path_resolution(7)). */
#define LINKS_MAX 40

/* recursive: AT_RECURSIVE, or 0 */
static int
copy(int dirfd, const char *path, uint64_t attrs, unsigned recursive)
{
	struct mount_attr attr = {.attr_set = attrs, .propagation = MS_PRIVATE};
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive;
	int fd, saved;

	fd = (int)syscall(SYS_open_tree, dirfd, path,
			  *path ? flags : flags | AT_EMPTY_PATH);
	if (fd < 0)
		return -1;
	if (syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | recursive, &attr,
		    sizeof(attr)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
mount_copy(int dirfd, const char *path, uint64_t attrs)
{
	return copy(dirfd, path, attrs, AT_RECURSIVE);
}

int
mount_copy_one(int fd, uint64_t attrs)
{
	return copy(fd, "", attrs, 0);
}

int
mount_new(const char *type, uint64_t attrs, const char *const opts[])
{
	int fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
	int fd = -1, saved;

	if (fs < 0)
		return -1;
	for (; *opts; opts += 2) {
		if (syscall(SYS_fsconfig, fs,
			    opts[1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
			    opts[0], opts[1], 0) < 0)
			goto out;
		if (!opts[1])
			break;
	}
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attrs);
out:
	saved = errno;
	close(fs);
	errno = saved;
	return fd;
}

int
mount_move(int mount, int dirfd, const char *path)
{
	unsigned flags = MOVE_MOUNT_F_EMPTY_PATH;

	if (*path == '\0')
		flags |= MOVE_MOUNT_T_EMPTY_PATH;
	return (int)syscall(SYS_move_mount, mount, "", dirfd, path, flags);
}

int
mount_at(const char *type, int dirfd, const char *name, uint64_t attrs,
	 const char *options)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dirfd, name);
	/* MOUNT_ATTR_* are what MS_* are */
	if (syscall(SYS_mount, type, path, type, (unsigned long)attrs,
		    options) < 0)
		return -1;
	return (int)syscall(SYS_open_tree, dirfd, name, OPEN_TREE_CLOEXEC);
}

int
mount_detach(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return (int)syscall(SYS_umount2, path, 2 /* MNT_DETACH */);
}

static int
setattr(int fd, const struct mount_attr *attr)
{
	return (int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, attr,
			    sizeof(*attr));
}

int
mount_change(int fd, uint64_t set, uint64_t clear)
{
	return setattr(fd, &(struct mount_attr){.attr_set = set,
						.attr_clr = clear});
}

int
mount_propagate(int fd, uint64_t propagation)
{
	return setattr(fd, &(struct mount_attr){.propagation = propagation});
}

int
mount_isolate(void)
{
	struct mount_attr attr = {.propagation = MS_PRIVATE};

	return (int)syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE,
			    &attr, sizeof(attr));
}

int
mount_pivot(int root, unsigned below)
{
	/* The old root comes to lie on the new one, pivot_root(2), NOTES. */
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return -1;
	/*
	 * umount2(2) takes the topmost, and what the new root was put over is
	 * still on top of the old one.  2 is MNT_DETACH.
	 */
	for (unsigned i = 0; i <= below; i++)
		if (syscall(SYS_umount2, ".", 2) < 0)
			return -1;
	return chdir("/");
}

int
mount_stat(int fd, unsigned mask, struct statx *sx)
{
	return (int)syscall(SYS_statx, fd, "", AT_EMPTY_PATH, mask, sx);
}

int
mount_lookup(int root, const char *path, int flags)
{
	struct open_how how = {.flags = (unsigned)flags | O_CLOEXEC,
			       .resolve = RESOLVE_IN_ROOT |
					  RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

/* What a destination that is missing is made as. */
struct point {
	mode_t type, perms, above;
};

static int make_point(int, const char *, const struct point *, int);

/*
 * Paths are on the heap: each page of the stack that is touched costs more
 * than it does to ask for them.
 */
static void
drop(char *path)
{
	int saved = errno;

	free(path);
	errno = saved;
}

/* It exists and yet was not found: a dangling link, in dir. */
static int
make_target(int root, int parent, const char *dir, const char *name,
	    const struct point *as, int links)
{
	char *target = mem_alloc(PATH_MAX), *path;
	int fd = -1;

	if (readlinkat(parent, name, target, PATH_MAX - 1) >= 0) {
		path = mem_printf("%s/%s", *target == '/' ? "" : dir, target);
		fd = make_point(root, path, as, links - 1);
		drop(path);
	}
	drop(target);
	return fd;
}

/* Makes name in the directory parent, or what name points to. */
static int
make_last(int root, int parent, const char *dir, const char *name,
	  const struct point *as, int links)
{
	int fd;

	if (as->type == S_IFDIR && mkdirat(parent, name, as->perms) == 0)
		return openat(parent, name,
			      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (as->type == S_IFREG) {
		fd = openat(parent, name,
			    O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW |
				    O_CLOEXEC | O_NONBLOCK,
			    as->perms);
		if (fd >= 0)
			return fd;
	}
	return errno == EEXIST
		       ? make_target(root, parent, dir, name, as, links)
		       : -1;
}

/* dir: the path, from "/" on, which this takes apart */
static int
make_missing(int root, char *dir, const struct point *as, int links)
{
	struct point over = {S_IFDIR, as->above, as->above};
	int fd, parent, saved;
	char *name, *end;

	for (end = dir + strlen(dir); end > dir + 1 && end[-1] == '/';)
		*--end = '\0';
	name = strrchr(dir, '/');
	*name++ = '\0';
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		errno = ENOENT;
		return -1;
	}
	/* "" is above "/name" */
	parent = *dir ? make_point(root, dir, &over, links) : root;
	if (parent < 0)
		return -1;
	fd = make_last(root, parent, dir, name, as, links);
	saved = errno;
	if (parent != root)
		close(parent);
	errno = saved;
	return fd;
}

static int
make_point(int root, const char *path, const struct point *as, int links)
{
	int fd = mount_lookup(root, path, O_PATH);
	char *dir;

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (links == 0) {
		errno = ELOOP;
		return -1;
	}
	dir = mem_join(*path == '/' ? "" : "/", path);
	fd = make_missing(root, dir, as, links);
	drop(dir);
	return fd;
}

int
mount_point(int root, const char *path, mode_t type, mode_t perms, mode_t above)
{
	struct point as = {type, perms, above};

	return make_point(root, path, &as, LINKS_MAX);
}
