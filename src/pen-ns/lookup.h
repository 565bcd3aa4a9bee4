/* lookup: files by their paths, in the new tree and in the host's. */
#ifndef PEN_NS_LOOKUP_H
#define PEN_NS_LOOKUP_H

#include <limits.h>
#include <sys/stat.h>
#include <sys/types.h>
#ifndef __GLIBC__
/* the kernel's: musl's, since 1.2.5, ends before the mount's number */
#define statx kernel_statx
#define statx_timestamp kernel_statx_timestamp
#include <linux/stat.h>
#endif

/* statx(2) of the file that fd is, with mask's fields.  0, or -1. */
int lookup_stat(int fd, unsigned mask, struct statx *sx);

/*
 * openat2(2) of path in the tree whose root is root: symbolic links and ".."
 * stay inside, and no link of /proc leads out.  A descriptor, or -1.
 */
int lookup_open(int root, const char *path, int flags);

/*
 * lookup_open for a mount's destination: what is missing is made, a directory
 * or an empty file as type says (S_IFDIR, S_IFREG) with mode perms and
 * directories of mode above over it, where a dangling link points if there is
 * one.  An O_PATH descriptor, or -1.
 */
int lookup_make(int root, const char *path, mode_t type, mode_t perms,
		mode_t above);

/*
 * A descriptor from before belongs to the host's mount namespace, and cannot be
 * copied or be a layer in this one: opens where it points, which is written to
 * name, as O_PATH; fatal if that is something else by now.  -1 with errno.
 */
int lookup_again(int fd, char name[PATH_MAX]);

/* What missing directories are made with unless something else is asked. */
#define LOOKUP_ABOVE 0755

#endif
