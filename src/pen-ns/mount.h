/*
 * mount: the new mount API (Linux 5.12), in which a mount is a descriptor
 * from its birth to its place.  glibc has wrappers since 2.36 only, whose
 * header clashes with the kernel's, so these are system calls.
 */
#ifndef PEN_NS_MOUNT_H
#define PEN_NS_MOUNT_H

#include <linux/mount.h>
#include <stdint.h>
#include <sys/types.h>

#define MOUNT_SAFE (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

/*
 * A detached copy of the mount tree at path (relative to dirfd; "" is dirfd
 * itself), out of reach of the host's later mounts, with attrs set on every
 * mount in it at once.  A descriptor, or -1.
 */
int mount_copy(int dirfd, const char *path, uint64_t attrs);

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

/*
 * Makes root the root directory and lets go of the old one, of the mounts in
 * it and of as many mounts between the two as below says.  0, or -1.
 */
int mount_pivot(int root, unsigned below);

/* Sets and clears attributes of the one mount whose root fd is.  0, or -1. */
int mount_change(int fd, uint64_t set, uint64_t clear);

/* Its propagation: MS_PRIVATE, or MS_UNBINDABLE (copies leave it out). */
int mount_propagate(int fd, uint64_t propagation);

/*
 * Makes all mounts private, before anything is mounted: what is mounted here
 * does not appear outside.
 */
int mount_isolate(void);

#endif
