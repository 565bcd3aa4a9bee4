/*
 * The file view is built while the host's is still there.  A tmpfs, "base", is
 * mounted over "/", where no path lookup sees it, and one of its directories
 * over that: the new tree.  Sources are copied from the host's tree by
 * descriptor, destinations are looked up in the new tree by descriptor, and in
 * the end the new tree becomes the root, and the host's and base are let go of:
 * what else was made in base is inside where it was bound, and nowhere else.
 * No path is ever walked that leads from one tree to the other.
 */
#include "pen-ns/build.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen-ns/data.h"
#include "pen-ns/draft.h"
#include "pen-ns/kernelfs.h"
#include "pen-ns/lookup.h"
#include "pen-ns/mount.h"
#include "pen-ns/ns.h"
#include "pen-ns/overlay.h"
#include "pen-ns/view.h"

/* A copy of the host's "/" without the new tree, which hangs there. */
static int
copy_around(const struct view *v, int fd, uint64_t attrs)
{
	int tree;

	/* what is unbindable is left out of copies */
	if (mount_propagate(v->base, MS_UNBINDABLE) < 0)
		return -1;
	tree = mount_copy(fd, "", attrs);
	return mount_propagate(v->base, MS_PRIVATE) < 0 ? -1 : tree;
}

/* A detached copy of the tree that is open as fd, path in messages, or -1. */
static int
copy_tree(const struct view *v, int fd, const char *path, uint64_t attrs)
{
	struct stat st;
	int tree;

	if (fstat(fd, &st) < 0)
		return -1;
	tree = st.st_dev == v->host_dev && st.st_ino == v->host_ino
		   ? copy_around(v, fd, attrs)
		   : mount_copy(fd, "", attrs);
	if (tree < 0 && v->lenient) {
		err_warn("'%s': a mount below it keeps its attributes: %m",
			 path);
		tree = mount_copy(fd, "", 0);
		if (tree >= 0 && mount_change(tree, attrs, 0) < 0)
			tree = -1;
	}
	return tree;
}

static void
do_bind(struct view *v, const struct op *op)
{
	uint64_t attrs = MOUNT_ATTR_NOSUID;
	char path[PATH_MAX] = "";
	const char *src = op->src ? op->src : path;
	int fd = op->src ? open(op->src, O_PATH | O_CLOEXEC)
			 : lookup_again(op->fd, path);
	int tree;

	if (op->flags & OP_RO)
		attrs |= MOUNT_ATTR_RDONLY;
	if (!(op->flags & OP_DEVICES))
		attrs |= MOUNT_ATTR_NODEV;
	tree = fd < 0 ? -1 : copy_tree(v, fd, src, attrs);
	if (tree < 0 && errno == ENOENT && op->flags & OP_TRY)
		return;
	if (tree < 0)
		view_die(*src ? src : "descriptor", op->dest);
	view_mount(v, tree, src, op->dest);
	close(fd);
}

static void
do_tmpfs(struct view *v, const struct op *op)
{
	view_mount(v, view_tmpfs(v, op->perms, op->size), NULL, op->dest);
}

static void
do_file(struct view *v, const struct op *op)
{
	int refused = view_is_refused(v, op->dest), file = -1;
	int point = refused ? -1
			    : lookup_make(v->root, op->dest, S_IFREG, op->perms,
					  op->above);

	if (refused)
		errno = ELOOP;
	if (point >= 0)
		file = lookup_open(v->root, op->dest,
				   O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY);
	if (file < 0 || fchmod(file, op->perms) < 0)
		die(ERR_TOOL, "cannot make the file '%s': %m", op->dest);
	data_copy(op->fd, file, op->dest);
	close(file);
	close(point);
}

static void
do_dir(struct view *v, const struct op *op)
{
	struct stat st;
	int fd = lookup_make(v->root, op->dest, S_IFDIR, op->perms, op->above);

	if (fd < 0 || fstat(fd, &st) < 0)
		die(ERR_TOOL, "cannot make the directory '%s': %m", op->dest);
	if (!S_ISDIR(st.st_mode) || view_is_refused(v, op->dest))
		die(ERR_TOOL, "cannot make the directory '%s': it is a file",
		    op->dest);
	close(fd);
}

/* An O_PATH descriptor cannot be changed, what it stands for can. */
static void
do_chmod(struct view *v, const struct op *op)
{
	int fd = lookup_open(v->root, op->dest, O_PATH);
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (view_is_refused(v, op->dest)) {
		errno = EOPNOTSUPP;
		fd = -1;
	}
	if (fd < 0 || chmod(path, op->perms) < 0)
		die(ERR_TOOL, "cannot change the mode of '%s': %m", op->dest);
	close(fd);
}

static void
do_remount_ro(struct view *v, const struct op *op)
{
	int fd;

	if (view_is_refused(v, op->dest))
		die(ERR_TOOL, "cannot mount on '%s': it is a symbolic link",
		    op->dest);
	fd = lookup_open(v->root, op->dest, O_PATH);
	if (fd >= 0 && mount_change(fd, MOUNT_ATTR_RDONLY, 0) == 0) {
		close(fd);
		return;
	}
	if (errno == EINVAL)
		die(ERR_TOOL,
		    "cannot make '%s' read-only: nothing is mounted "
		    "there",
		    op->dest);
	die(ERR_TOOL, "cannot make '%s' read-only: %m", op->dest);
}

/* name could not be made a link to target: fatal unless it is one already. */
static void
check_link(int parent, const char *name, const char *target, const char *dest)
{
	char have[PATH_MAX] = "";
	int error = errno;

	if (error != EEXIST)
		die(ERR_TOOL, "cannot link '%s': %m", dest);
	if (readlinkat(parent, name, have, sizeof(have) - 1) < 0)
		die(ERR_TOOL, "cannot link '%s': File exists", dest);
	if (strcmp(have, target) != 0)
		die(ERR_TOOL, "cannot link '%s': File exists, a link to '%s'",
		    dest, have);
}

static void
do_symlink(struct view *v, const struct op *op)
{
	const char *target = op->src, *dest = op->dest;
	const char *slash = strrchr(dest, '/');
	const char *name = slash ? slash + 1 : dest;
	char *above = mem_printf("/%.*s", (int)(name - dest), dest);
	int dir =
	    lookup_make(v->root, above, S_IFDIR, LOOKUP_ABOVE, LOOKUP_ABOVE);

	if (dir < 0)
		die(ERR_TOOL, "cannot link '%s': %m", dest);
	/* once more is no error, as with bubblewrap since 0.9 */
	if (symlinkat(target, dir, name) < 0)
		check_link(dir, name, target, dest);
	close(dir);
	free(above);
}

static void
do_mask(struct view *v, const struct op *op)
{
	data_mask(v, v->root, op->dest);
}

static void (*const operations[])(struct view *, const struct op *) = {
    [OP_BIND] = do_bind,
    [OP_DATA] = data_bind,
    [OP_FILE] = do_file,
    [OP_TMPFS] = do_tmpfs,
    [OP_PROC] = kernelfs_proc,
    [OP_DEV] = kernelfs_dev,
    [OP_MQUEUE] = kernelfs_mqueue,
    [OP_OVERLAY] = overlay_place,
    [OP_DIR] = do_dir,
    [OP_SYMLINK] = do_symlink,
    [OP_CHMOD] = do_chmod,
    [OP_REMOUNT_RO] = do_remount_ro,
    [OP_MASK] = do_mask,
    [OP_CGROUP] = kernelfs_cgroup,
    [OP_COPY] = data_bind_copy,
    [OP_DRAFT_TREE] = draft_add_tree,
    [OP_DRAFT] = draft_place,
    [OP_DRAFT_LINK] = draft_place_link,
};
static_assert(sizeof(operations) / sizeof(*operations) == OP_KINDS,
	      "a function each");

int
build_view(const struct ns *ns)
{
	struct view v = {.nested = ns->nested,
			 .bounded = !ns->unbounded,
			 .no_links = ns->no_links,
			 .lenient = ns->lenient,
			 .userns =
			     ns->userns >= 0 || ns->unshare & CLONE_NEWUSER,
			 .pidns = ns->pidns >= 0 || ns->unshare & CLONE_NEWPID,
			 .draft_size = ns->draft_size,
			 .label = ns->file_label};
	int layer;

	/* the kernel does this for a new user namespace */
	if (!(ns->unshare & CLONE_NEWUSER) && mount_isolate() < 0)
		die(ERR_TOOL, "cannot make the mounts private: %m");
	view_begin(&v);
	for (size_t i = 0; i < ns->nops; i++) {
		v.above = ns->ops[i].above;
		operations[ns->ops[i].kind](&v, &ns->ops[i]);
	}
	layer = draft_finish(&v);
	if (mount_pivot(v.root, v.below) < 0)
		die(ERR_TOOL, "cannot make the new root directory: %m");
	return layer;
}
