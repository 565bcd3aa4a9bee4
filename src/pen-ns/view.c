/*
 * The file view is built while the host's is still there: a tmpfs is mounted
 * over "/", where no path lookup sees it, sources are copied from the host's
 * tree by descriptor, destinations are looked up in the new tree by
 * descriptor, and in the end the new tree becomes the root and the host's is
 * let go of.  No path is ever walked that leads from one tree to the other.
 */
#include "pen-ns/view.h"

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
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/userns.h"
#include "pen-ns/mount.h"
#include "pen-ns/ns.h"

/*
 * A tmpfs without bounds may take half of the memory, and there are several.
 * An inode takes a kilobyte of kernel memory however small its file is.
 */
#define TMPFS_SIZE "25%"
#define TMPFS_INODES "256k"

/* What is on the base for a while. */
#define DATA_NAME ".pen-ns.data"
#define EMPTY_NAME ".pen-ns.empty"
#define FILES_NAME ".pen-ns.files"

void
view_die(const char *what, const char *dest)
{
	/* new namespaces without rights over them: AppArmor, a container */
	const char *hint = errno == EPERM ? userns_remedy(errno) : NULL;

	if (errno == ENOSYS)
		die(ERR_TOOL, "cannot mount '%s': pen-ns needs Linux 5.12 or "
			      "newer",
		    dest);
	if (what)
		die_hint(hint, "cannot bind '%s' on '%s': %m", what, dest);
	die_hint(hint, "cannot mount '%s': %m", dest);
}

int
view_tmpfs(const struct view *v, mode_t perms, unsigned long size,
	   uint64_t attrs)
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
	fd = mount_new("tmpfs", attrs, opts);
	if (fd < 0)
		view_die(NULL, "tmpfs");
	return fd;
}

/* What will be "/" from now on. */
static void
set_root(struct view *v, int tree)
{
	struct statx sx;

	if (mount_stat(tree, STATX_INO | STATX_MNT_ID, &sx) < 0)
		die(ERR_TOOL, "cannot look at the new '/': %m");
	v->root = tree;
	v->root_mount = sx.stx_mnt_id;
	v->root_ino = sx.stx_ino;
}

/* The name in "/" that dest is, or NULL. */
static const char *
name_in_root(const char *dest)
{
	const char *name = dest + strspn(dest, "/");

	return *name != '\0' && !strchr(name, '/') ? name : NULL;
}

/*
 * Puts tree on a name in "/" that is not there yet, which need not be looked up
 * then, before or after.  0 when it is there, or dest is elsewhere, or a file
 * system wants it otherwise: then the long way is tried, and says why.
 */
static int
place_new(const struct view *v, int tree, mode_t type, const char *what,
	  const char *dest)
{
	const char *name = name_in_root(dest);

	if (!name ||
	    (type == S_IFDIR ? mkdirat(v->root, name, 0755)
			     : mknodat(v->root, name, S_IFREG | 0666, 0)) < 0)
		return 0;
	if (mount_move(tree, v->root, name) < 0)
		view_die(what, dest);
	return 1;
}

void
view_place(struct view *v, int tree, const char *what, const char *dest)
{
	struct statx src, dst;
	mode_t type;
	int fd;

	if (mount_stat(tree, STATX_TYPE, &src) < 0)
		view_die(what, dest);
	type = S_ISDIR(src.stx_mode) ? S_IFDIR : S_IFREG;
	if (place_new(v, tree, type, what, dest))
		return;
	fd = mount_point(v->root, dest, type, type == S_IFDIR ? 0755 : 0666,
			 v->above);
	if (fd < 0 || mount_stat(fd, STATX_TYPE | STATX_INO | STATX_MNT_ID,
				 &dst) < 0)
		view_die(what, dest);
	if ((type == S_IFDIR) != S_ISDIR(dst.stx_mode)) {
		errno = type == S_IFDIR ? ENOTDIR : EISDIR;
		view_die(what, dest);
	}
	if (mount_move(tree, fd, "") < 0)
		view_die(what, dest);
	/* A lookup that starts below a mount does not see it: start on it. */
	if (dst.stx_mnt_id == v->root_mount && dst.stx_ino == v->root_ino) {
		set_root(v, tree);
		v->below++;
	}
	close(fd);
}

/*
 * A new directory of base, mounted on itself: what "/" is made does not hold
 * for it, and a tmpfs more takes as long as ten binds, half of it in the end.
 */
int
view_directory(struct view *v, const char *dest)
{
	const char *name = name_in_root(dest);
	int made = -1, tree;

	if (!v->label && v->root == v->base && name) {
		made = mkdirat(v->base, name, 0755);
		if (made < 0 && errno != EEXIST)
			view_die(NULL, dest);
	}
	if (made < 0) {
		tree = view_tmpfs(v, 0755, 0, MOUNT_SAFE);
		view_place(v, tree, NULL, dest);
		return tree;
	}
	tree = mount_copy(v->base, name, MOUNT_SAFE);
	if (tree < 0 || mount_move(tree, v->base, name) < 0)
		view_die(NULL, dest);
	return tree;
}

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

/* Copies the host's tree at path, whose file is *st then. */
static int
copy_host(const struct view *v, const char *path, uint64_t attrs,
	  struct stat *st)
{
	int fd = openat(AT_FDCWD, path, O_PATH | O_CLOEXEC), tree, saved;

	if (fd < 0 || fstat(fd, st) < 0)
		return -1;
	tree = st->st_dev == v->host_dev && st->st_ino == v->host_ino
		       ? copy_around(v, fd, attrs)
		       : mount_copy(fd, "", attrs);
	saved = errno;
	close(fd);
	errno = saved;
	return tree;
}

void
view_bind(struct view *v, const char *src, const char *dest, uint64_t attrs)
{
	struct stat st;
	int tree = copy_host(v, src, attrs, &st);

	if (tree < 0)
		view_die(src, dest);
	view_place(v, tree, src, dest);
	if (tree != v->root)
		close(tree);
}

/*
 * A descriptor from before belongs to the host's mount namespace and cannot
 * be copied in this one: go where it points, and see that it is the same.
 */
static int
copy_descriptor(const struct view *v, const struct op *op, uint64_t attrs,
		char *path)
{
	char link[32];
	struct stat want, have;
	int tree;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", op->fd);
	if (readlink(link, path, PATH_MAX - 1) < 0 || fstat(op->fd, &want) < 0)
		return -1;
	tree = copy_host(v, path, attrs, &have);
	if (tree >= 0 && (want.st_dev != have.st_dev ||
			  want.st_ino != have.st_ino))
		die(ERR_TOOL, "cannot bind '%s' on '%s': it was replaced since "
			      "it was opened",
		    path, op->dest);
	return tree;
}

static void
do_bind(struct view *v, const struct op *op)
{
	uint64_t attrs = MOUNT_ATTR_NOSUID;
	char *path = op->src ? NULL : mem_alloc(PATH_MAX);
	const char *src = op->src ? op->src : path;
	struct stat st;
	int tree;

	if (op->flags & OP_RO)
		attrs |= MOUNT_ATTR_RDONLY;
	if (!(op->flags & OP_DEVICES))
		attrs |= MOUNT_ATTR_NODEV;
	tree = op->src ? copy_host(v, src, attrs, &st)
		       : copy_descriptor(v, op, attrs, path);
	if (tree < 0 && errno == ENOENT && op->flags & OP_TRY)
		return;
	if (tree < 0)
		view_die(path && !*path ? "descriptor" : src, op->dest);
	view_place(v, tree, src, op->dest);
	if (tree != v->root)
		close(tree);
	free(path);
}

static void
do_tmpfs(struct view *v, const struct op *op)
{
	int tree = view_tmpfs(v, op->perms, op->size, MOUNT_SAFE);

	view_place(v, tree, NULL, op->dest);
	if (tree != v->root)
		close(tree);
}

static void
copy_data(int from, int to, const char *dest)
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
 * A file on the new tree's own tmpfs.  Its name goes when it has been mounted
 * where it belongs: what has no name cannot be mounted (get_mountpoint).
 */
static int
make_file(const struct view *v, const char *name, mode_t perms)
{
	int fd = openat(v->files, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
			perms);

	if (fd < 0)
		die(ERR_TOOL, "cannot make the file '/%s': %m", name);
	return fd;
}

static void
remove_file(const struct view *v, const char *name)
{
	if (unlinkat(v->files, name, 0) < 0)
		die(ERR_TOOL, "cannot remove the file '/%s': %m", name);
}

/*
 * Nor can anything be mounted on what has no name, which an inner sandbox
 * does: for that the files keep theirs, on a tmpfs which goes itself.  That
 * costs an umount, and waits for every processor.
 */
static void
keep_names(struct view *v)
{
	v->files = v->mounted = view_tmpfs(v, 0700, 0, MOUNT_SAFE);
	if (mkdirat(v->scratch, FILES_NAME, 0700) < 0 ||
	    mount_move(v->mounted, v->base, FILES_NAME) < 0)
		die(ERR_TOOL, "cannot make a place for files: %m");
	v->names = 1;
}

static void
hide_names(const struct view *v)
{
	if (mount_detach(v->mounted) < 0 ||
	    unlinkat(v->scratch, FILES_NAME, AT_REMOVEDIR) < 0)
		die(ERR_TOOL, "cannot hide the place of files: %m");
}

static void
do_data(struct view *v, const struct op *op)
{
	uint64_t attrs = MOUNT_SAFE;
	char name[32] = DATA_NAME;
	int file, tree;

	if (v->names)
		snprintf(name, sizeof(name), "%u", v->names++);
	file = make_file(v, name, op->perms);
	copy_data(op->fd, file, op->dest);
	if (op->flags & OP_RO)
		attrs |= MOUNT_ATTR_RDONLY;
	tree = mount_copy(v->mounted, name, attrs);
	if (tree < 0)
		view_die(NULL, op->dest);
	/* base, and so the copy, may have been made read-only */
	if (!(op->flags & OP_RO) &&
	    mount_change(tree, 0, MOUNT_ATTR_RDONLY) < 0)
		view_die(NULL, op->dest);
	view_place(v, tree, NULL, op->dest);
	if (!v->names)
		remove_file(v, name);
	close(tree);
	close(file);
}

static void
do_file(struct view *v, const struct op *op)
{
	int point = mount_point(v->root, op->dest, S_IFREG, op->perms,
				op->above);
	int file = -1;

	if (point >= 0)
		file = mount_lookup(v->root, op->dest,
				    O_WRONLY | O_TRUNC | O_NONBLOCK | O_NOCTTY);
	if (file < 0 || fchmod(file, op->perms) < 0)
		die(ERR_TOOL, "cannot make the file '%s': %m", op->dest);
	copy_data(op->fd, file, op->dest);
	close(file);
	close(point);
}

static void
do_dir(struct view *v, const struct op *op)
{
	struct stat st;
	int fd = mount_point(v->root, op->dest, S_IFDIR, op->perms,
			     op->above);

	if (fd < 0 || fstat(fd, &st) < 0)
		die(ERR_TOOL, "cannot make the directory '%s': %m", op->dest);
	if (!S_ISDIR(st.st_mode))
		die(ERR_TOOL, "cannot make the directory '%s': it is a file",
		    op->dest);
	close(fd);
}

/* Is it a link to target? */
static int
links_to(int parent, const char *name, const char *target)
{
	size_t want = strlen(target);
	char *have = mem_alloc(want + 1);
	ssize_t n = readlinkat(parent, name, have, want + 1);
	int same = n == (ssize_t)want && memcmp(have, target, want) == 0;

	free(have);
	return same;
}

/* The directory that dest is in. */
static int
parent_of(const struct view *v, const char *dest, size_t len)
{
	char *dir = mem_part(dest, len);
	int fd = dir[strspn(dir, "/")] == '\0'
			 ? v->root
			 : mount_point(v->root, dir, S_IFDIR, MOUNT_ABOVE,
				       MOUNT_ABOVE);

	if (fd < 0)
		die(ERR_TOOL, "cannot link '%s': %m", dest);
	free(dir);
	return fd;
}

void
view_symlink(struct view *v, const char *target, const char *dest)
{
	const char *slash = strrchr(dest, '/');
	const char *name = slash ? slash + 1 : dest;
	int parent = parent_of(v, dest, (size_t)(name - dest)), error;

	/* once more is no error, as with bubblewrap since 0.9 */
	if (symlinkat(target, parent, name) < 0) {
		error = errno;
		if (!links_to(parent, name, target)) {
			errno = error;
			die(ERR_TOOL, "cannot link '%s': %m", dest);
		}
	}
	if (parent != v->root)
		close(parent);
}

/* An O_PATH descriptor cannot be changed, what it stands for can. */
static void
do_chmod(struct view *v, const struct op *op)
{
	int fd = mount_lookup(v->root, op->dest, O_PATH);
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0 || chmod(path, op->perms) < 0)
		die(ERR_TOOL, "cannot change the mode of '%s': %m", op->dest);
	close(fd);
}

/* The messages of the IPC namespace, when that is ours. */
static void
do_mqueue(struct view *v, const struct op *op)
{
	static const char *const opts[] = {"source", "mqueue", NULL};
	int tree = mount_new("mqueue", MOUNT_SAFE | MOUNT_ATTR_NOEXEC, opts);

	if (tree < 0)
		die_hint("it needs a new IPC namespace: --unshare-ipc",
			 "cannot mount message queues on '%s': %m", op->dest);
	view_place(v, tree, NULL, op->dest);
	if (tree != v->root)
		close(tree);
}

/*
 * Where fd is on base, which is to be read-only now, files are made on a copy
 * from here on.  Not before: that is a mount namespace to be made and undone.
 */
static void
keep_writable(struct view *v, int fd)
{
	struct statx sx;

	if (mount_stat(fd, STATX_MNT_ID, &sx) < 0)
		die(ERR_TOOL, "cannot look at '/': %m");
	if (v->scratch != v->base || sx.stx_mnt_id != v->base_mount)
		return;
	v->scratch = mount_copy_one(v->base, MOUNT_SAFE);
	if (v->scratch < 0)
		view_die(NULL, "/");
	if (v->files == v->base)
		v->files = v->scratch;
}

static void
do_remount_ro(struct view *v, const struct op *op)
{
	int fd = mount_lookup(v->root, op->dest, O_PATH);

	if (fd >= 0)
		keep_writable(v, fd);
	if (fd >= 0 && mount_change(fd, MOUNT_ATTR_RDONLY, 0) == 0) {
		close(fd);
		return;
	}
	if (errno == EINVAL)
		die(ERR_TOOL, "cannot make '%s' read-only: nothing is mounted "
			      "there",
		    op->dest);
	die(ERR_TOOL, "cannot make '%s' read-only: %m", op->dest);
}

static int
empty_directory(void)
{
	static const char *const opts[] = {"source", "tmpfs", "size", "4k",
					   "nr_inodes", "2", "mode", "555",
					   NULL};
	int fd = mount_new("tmpfs", MOUNT_SAFE | MOUNT_ATTR_RDONLY, opts);

	if (fd < 0)
		view_die(NULL, "tmpfs");
	return fd;
}

void
view_mask(struct view *v, int dirfd, const char *path)
{
	struct stat st;
	int fd = mount_lookup(dirfd, path, O_PATH), tree;

	if (fd < 0 || fstat(fd, &st) < 0)
		die(ERR_TOOL, "cannot mask '%s': %m", path);
	if (S_ISDIR(st.st_mode)) {
		tree = empty_directory();
	} else {
		if (!v->empty)
			close(make_file(v, EMPTY_NAME, 0));
		v->empty = 1;
		tree = mount_copy(v->mounted, EMPTY_NAME,
				  MOUNT_SAFE | MOUNT_ATTR_RDONLY);
	}
	if (tree < 0 || mount_move(tree, fd, "") < 0)
		die(ERR_TOOL, "cannot mask '%s': %m", path);
	close(tree);
	close(fd);
}

static void
act(struct view *v, const struct op *op)
{
	v->above = op->above;
	switch (op->kind) {
	case OP_BIND:
		do_bind(v, op);
		break;
	case OP_DATA:
		do_data(v, op);
		break;
	case OP_FILE:
		do_file(v, op);
		break;
	case OP_TMPFS:
		do_tmpfs(v, op);
		break;
	case OP_PROC:
		view_proc(v, op->dest);
		break;
	case OP_DEV:
		view_dev(v, op->dest);
		break;
	case OP_MQUEUE:
		do_mqueue(v, op);
		break;
	case OP_OVERLAY:
		view_overlay(v, op);
		break;
	case OP_DIR:
		do_dir(v, op);
		break;
	case OP_SYMLINK:
		view_symlink(v, op->src, op->dest);
		break;
	case OP_CHMOD:
		do_chmod(v, op);
		break;
	case OP_REMOUNT_RO:
		do_remount_ro(v, op);
		break;
	case OP_MASK:
		view_mask(v, v->root, op->dest);
		break;
	case OP_SYSTEM:
		view_system(v);
		break;
	case OP_KINDS:
		break;
	}
}

void
view_build(const struct ns *ns)
{
	struct view v = {.nested = ns->nested,
			 .bounded = ns->strict,
			 .userns = ns->userns >= 0 ||
				   ns->spaces & CLONE_NEWUSER,
			 .pidns = ns->pidns >= 0 || ns->spaces & CLONE_NEWPID,
			 .label = ns->file_label};
	struct stat host;

	if (stat("/", &host) < 0)
		die(ERR_TOOL, "cannot look at '/': %m");
	v.host_dev = host.st_dev;
	v.host_ino = host.st_ino;
	/* the kernel does this for a new user namespace */
	if (!(ns->spaces & CLONE_NEWUSER) && mount_isolate() < 0)
		die(ERR_TOOL, "cannot make the mounts private: %m");
	v.base = view_tmpfs(&v, 0755, 0, MOUNT_SAFE);
	if (mount_move(v.base, AT_FDCWD, "/") < 0)
		view_die(NULL, "/");
	set_root(&v, v.base);
	v.base_mount = v.root_mount;
	v.scratch = v.files = v.mounted = v.base;
	if (ns->strict && ns->nested)
		keep_names(&v);
	for (size_t i = 0; i < ns->nops; i++)
		act(&v, &ns->ops[i]);
	if (v.names)
		hide_names(&v);
	else if (v.empty)
		remove_file(&v, EMPTY_NAME);
	if (mount_pivot(v.root, v.below) < 0)
		die(ERR_TOOL, "cannot make the new root directory: %m");
}
