#include "pen-ns/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
set_attributes(int fd, unsigned flags, const struct mount_attr *attr)
{
	return (int)syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | flags,
			    attr, sizeof(*attr));
}

int
mount_copy(int dirfd, const char *path, uint64_t attrs)
{
	struct mount_attr attr = {.attr_set = attrs, .propagation = MS_PRIVATE};
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE;
	int fd, saved;

	fd = (int)syscall(SYS_open_tree, dirfd, path,
			  *path ? flags : flags | AT_EMPTY_PATH);
	if (fd < 0 || set_attributes(fd, AT_RECURSIVE, &attr) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
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
mount_change(int fd, uint64_t set, uint64_t clear)
{
	return set_attributes(
	    fd, 0, &(struct mount_attr){.attr_set = set, .attr_clr = clear});
}

int
mount_propagate(int fd, uint64_t propagation)
{
	return set_attributes(fd, 0,
			      &(struct mount_attr){.propagation = propagation});
}

int
mount_isolate(void)
{
	struct mount_attr attr = {.propagation = MS_PRIVATE};

	return (int)syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE,
			    &attr, sizeof(attr));
}
