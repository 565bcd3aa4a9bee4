#include "pen-ns/view.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "pen-ns/lookup.h"
#include "pen-ns/mount.h"

/*
 * A tmpfs without bounds may take half of the memory, and there are several.
 * An inode takes a kilobyte of kernel memory however small its file is.
 */
#define TMPFS_SIZE "25%"
#define TMPFS_INODES "256k"

void
view_die(const char *what, const char *dest)
{
	/* new namespaces without rights over them: AppArmor, a container */
	const char *hint =
	    errno == EPERM ? chain_remedy("namespace", errno) : NULL;

	if (errno == ENOSYS)
		die(ERR_TOOL,
		    "cannot mount '%s': pen-ns needs Linux 5.12 or "
		    "newer",
		    dest);
	if (what)
		die_hint(hint, "cannot bind '%s' on '%s': %m", what, dest);
	die_hint(hint, "cannot mount '%s': %m", dest);
}

int
view_tmpfs(const struct view *v, mode_t perms, unsigned long size)
{
	char mode[16], bytes[32];
	const char *opts[13] = {"source", "tmpfs", "mode", mode};
	size_t n = 4;
	int fd;

	snprintf(mode, sizeof(mode), "%o", (unsigned)perms);
	snprintf(bytes, sizeof(bytes), "%lu", size);
	if (size > 0 || v->bounded) {
		opts[n++] = "size";
		opts[n++] = size > 0 ? bytes : TMPFS_SIZE;
	}
	if (v->bounded) {
		opts[n++] = "nr_inodes";
		opts[n++] = TMPFS_INODES;
	}
	if (v->label) {
		opts[n++] = "rootcontext";
		opts[n++] = v->label;
	}
	fd = mount_new("tmpfs", MOUNT_SAFE, opts);
	if (fd < 0)
		view_die(NULL, "tmpfs");
	return fd;
}

char *
view_name(struct view *v)
{
	return mem_printf("%u", v->names++);
}

int
view_directory(struct view *v)
{
	char *name = view_name(v);
	int tree;

	if (mkdirat(v->base, name, 0755) < 0)
		die(ERR_TOOL, "cannot make a directory for the view: %m");
	tree = mount_copy(v->base, name, MOUNT_SAFE);
	if (tree < 0)
		view_die(NULL, "/");
	free(name);
	return tree;
}

/* What will be "/" from now on. */
static void
set_root(struct view *v, int tree)
{
	struct statx sx;

	if (lookup_stat(tree, STATX_INO | STATX_MNT_ID, &sx) < 0)
		die(ERR_TOOL, "cannot look at the new '/': %m");
	v->root = tree;
	v->root_mount = sx.stx_mnt_id;
	v->root_ino = sx.stx_ino;
}

int
view_is_refused(const struct view *v, const char *dest)
{
	int fd =
	    v->no_links ? lookup_open(v->root, dest, O_PATH | O_NOFOLLOW) : -1;
	struct statx sx;
	int is_link = fd >= 0 && lookup_stat(fd, STATX_TYPE, &sx) == 0 &&
		      S_ISLNK(sx.stx_mode);

	if (fd >= 0)
		close(fd);
	return is_link;
}

/*
 * The place for a mount of this type, made if it is not there; what is to be
 * mounted has a name or NULL.  A file has mode 0444, since it may be the
 * host's.
 */
static int
find_place(const struct view *v, mode_t type, const char *what,
	   const char *dest, struct statx *sx)
{
	int fd;

	if (view_is_refused(v, dest))
		die(ERR_TOOL, "cannot mount on '%s': it is a symbolic link",
		    dest);
	fd = lookup_make(v->root, dest, type, type == S_IFDIR ? 0755 : 0444,
			 v->above);
	if (fd < 0 && what && errno != EPERM && errno != ENOSYS)
		die(ERR_TOOL, "cannot bind '%s' on '%s': %s", what, dest,
		    strerror(errno));
	if (fd < 0 ||
	    lookup_stat(fd, STATX_TYPE | STATX_INO | STATX_MNT_ID, sx) < 0)
		view_die(what, dest);
	if ((type == S_IFDIR) == (S_ISDIR(sx->stx_mode) != 0))
		return fd;
	errno = type == S_IFDIR ? ENOTDIR : EISDIR;
	if (!what)
		view_die(NULL, dest);
	if (type == S_IFDIR)
		die(ERR_TOOL, "cannot bind '%s' on '%s': Not a directory", what,
		    dest);
	die(ERR_TOOL, "cannot bind '%s' on '%s': Is a directory", what, dest);
}

void
view_place(struct view *v, int tree, const char *what, const char *dest)
{
	struct statx src, dst;
	int fd;

	if (lookup_stat(tree, STATX_TYPE, &src) < 0)
		view_die(what, dest);
	fd = find_place(v, S_ISDIR(src.stx_mode) ? S_IFDIR : S_IFREG, what,
			dest, &dst);
	if (mount_move(tree, fd, "") < 0)
		view_die(what, dest);
	/* A lookup that starts below a mount does not see it: start on it. */
	if (dst.stx_mnt_id == v->root_mount && dst.stx_ino == v->root_ino) {
		set_root(v, tree);
		v->below++;
	}
	close(fd);
}

void
view_mount(struct view *v, int tree, const char *what, const char *dest)
{
	view_place(v, tree, what, dest);
	if (tree != v->root)
		close(tree);
}

void
view_begin(struct view *v)
{
	struct stat host;
	int tree;

	if (stat("/", &host) < 0)
		die(ERR_TOOL, "cannot look at '/': %m");
	v->host_dev = host.st_dev;
	v->host_ino = host.st_ino;
	v->base = view_tmpfs(v, 0755, 0);
	if (mount_move(v->base, AT_FDCWD, "/") < 0)
		view_die(NULL, "/");
	tree = view_directory(v);
	if (mount_move(tree, AT_FDCWD, "/") < 0)
		view_die(NULL, "/");
	set_root(v, tree);
	v->below = 1;
}
