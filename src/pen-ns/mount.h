/*
 * mount: the new mount API (Linux 5.12), in which a mount is a descriptor
 * from its birth to its place.  glibc has wrappers since 2.36 only, whose
 * header clashes with the kernel's, so these are system calls.
 */
#ifndef PEN_NS_MOUNT_H
#define PEN_NS_MOUNT_H

#include <linux/mount.h>
#include <linux/stat.h> /* struct statx, which musl's headers lack */
#include <stdint.h>
#include <sys/types.h>

#define MOUNT_SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

/*
 * A detached copy of the mount tree at path (relative to dirfd; "" is dirfd
 * itself), out of reach of the host's later mounts, with attrs set on every
 * mount in it at once.  A descriptor, or -1.
 */
int mount_copy(int dirfd, const char *path, uint64_t attrs);

/* The same of the one mount that fd is on. */
int mount_copy_one(int fd, uint64_t attrs);

/*
 * A detached mount of a new filesystem; opts are pairs of key and value, ended
 * by NULL, of which the last may lack its value.  A descriptor, or -1.
 */
int mount_new(const char *type, uint64_t attrs, const char *const opts[]);

/* Puts a detached mount on path, relative to dirfd ("" is dirfd itself). */
int mount_move(int mount, int dirfd, const char *path);

/*
 * mount(2): a new filesystem on name in the directory dirfd; options are at
 * most a page of text.  A descriptor for its root, which mount_move takes from
 * there, or -1.
 */
int mount_at(const char *type, int dirfd, const char *name, uint64_t attrs,
	     const char *options);

/* Takes the mount whose root fd is off its place.  0, or -1. */
int mount_detach(int fd);

/* Sets and clears attributes of the one mount whose root fd is. */
int mount_change(int fd, uint64_t set, uint64_t clear);

/* Its propagation: MS_PRIVATE, or MS_UNBINDABLE (copies leave it out). */
int mount_propagate(int fd, uint64_t propagation);

/* Makes all mounts private, before anything is mounted: what is mounted here
 * does not appear outside. */
int mount_isolate(void);

/*
 * Makes root the root directory and lets go of the old one, of the mounts in
 * it and of as many mounts between the two as below says.  0, or -1.
 */
int mount_pivot(int root, unsigned below);

/* statx(2) of the file that fd is, with mask's fields.  0, or -1. */
int mount_stat(int fd, unsigned mask, struct statx *sx);

/*
 * openat2(2) of path in the tree whose root is root: symbolic links and ".."
 * stay inside, and no link of /proc leads out.  A descriptor, or -1.
 */
int mount_lookup(int root, const char *path, int flags);

/*
 * mount_lookup for a mount's destination: what is missing is made, a
 * directory or an empty file as type says (S_IFDIR, S_IFREG) with mode perms
 * and directories of mode above over it, where a dangling link points if there
 * is one.  An O_PATH descriptor, or -1.
 */
int mount_point(int root, const char *path, mode_t type, mode_t perms,
		mode_t above);

/* What missing directories are made with unless something else is asked. */
#define MOUNT_ABOVE 0755

#endif
