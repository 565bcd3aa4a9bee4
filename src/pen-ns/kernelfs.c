#include "pen-ns/kernelfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen-ns/data.h"
#include "pen-ns/lookup.h"
#include "pen-ns/mount.h"
#include "pen-ns/view.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* A device node, a link of /proc and a terminal have nothing to execute. */
#define DEVICE_ATTRS (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)
#define PROC_ATTRS (MOUNT_SAFE | MOUNT_ATTR_NOEXEC)

/*
 * What of /proc speaks of the machine and not of a process.  Directories
 * become read-only, files empty.  Root outside is root to them without any
 * capability (core_pattern, sysrq-trigger).
 */
static const char *const proc_dirs[] = {"sys", "bus",  "irq",
					"fs",  "acpi", "scsi"};
static const char *const proc_files[] = {
    "sysrq-trigger", "kcore",	   "keys",	    "kmsg",
    "timer_list",    "mtrr",	   "latency_stats", "sched_debug",
    "kpagecount",    "kpageflags", "kpagecgroup",   "vmallocinfo"};

/*
 * Can the file be opened like that?  When that cannot be told, it can.  By the
 * effective ids, which are the real ones: for those the kernel need not make
 * credentials without capabilities first.
 */
static int
can_open(int dir, const char *name, int mode)
{
	return faccessat(dir, name, mode, AT_EACCESS) == 0 ||
	       (errno != ENOENT && errno != ENOTDIR && errno != EACCES &&
		errno != EROFS);
}

/* All of it is owned by the root of the machine, and by nobody else writable:
 * is that this user?  An id that is not mapped is shown as another's. */
static int
is_owner(int proc)
{
	struct statx sx;

	if (lookup_stat(proc, STATX_UID, &sx) < 0)
		die(ERR_TOOL, "cannot look at the new /proc: %m");
	return sx.stx_uid == geteuid();
}

static void
make_read_only(int proc, const char *name)
{
	int tree = mount_copy(proc, name, PROC_ATTRS | MOUNT_ATTR_RDONLY);

	if (tree < 0 && errno == ENOENT)
		return;
	if (tree < 0 || mount_move(tree, proc, name) < 0)
		die(ERR_TOOL, "cannot make /proc/%s read-only: %m", name);
	close(tree);
}

/*
 * An outer /proc with mounts on it may not be mounted anew in an inner user
 * namespace (fs/namespace.c, mnt_already_visible): with --nested only what
 * this user could write is covered.
 */
static void
cover_proc(struct view *v, int proc)
{
	if (v->nested && !is_owner(proc))
		return;
	for (size_t i = 0; i < COUNT(proc_dirs); i++)
		if (!v->nested || can_open(proc, proc_dirs[i], W_OK))
			make_read_only(proc, proc_dirs[i]);
	for (size_t i = 0; i < COUNT(proc_files); i++)
		if (can_open(proc, proc_files[i], W_OK) ||
		    (!v->nested && can_open(proc, proc_files[i], R_OK)))
			data_mask(v, proc, proc_files[i]);
}

void
kernelfs_proc(struct view *v, const struct op *op)
{
	static const char *const opts[] = {"source", "proc", NULL};
	/* a new one would show the same processes, and is root's to mount */
	int proc = v->pidns ? mount_new("proc", PROC_ATTRS, opts)
			    : mount_copy(AT_FDCWD, "/proc", PROC_ATTRS);

	if (proc < 0 && (errno == EPERM || errno == EACCES))
		die_hint("parts of /proc are hidden here, as containers do, or "
			 "mounts are refused: docker run --security-opt "
			 "systempaths=unconfined, podman run --security-opt "
			 "unmask=ALL; for pen-ns in pen-ns, --nested",
			 "cannot mount a new /proc on '%s': %m", op->dest);
	if (proc < 0)
		view_die(NULL, op->dest);
	view_place(v, proc, NULL, op->dest);
	cover_proc(v, proc);
	if (proc != v->root)
		close(proc);
}

/*
 * A copy of the host's node src.  What is written goes through; its mode, owner
 * and times are the host's, and stay.
 */
static int
copy_device(const char *src)
{
	return mount_copy(AT_FDCWD, src, DEVICE_ATTRS | MOUNT_ATTR_RDONLY);
}

static void
make_file(int dev, const char *name)
{
	if (mknodat(dev, name, S_IFREG | 0666, 0) < 0)
		view_die(NULL, name);
}

/* Puts it on the file name in the new directory dev. */
static void
place_device(int dev, int tree, const char *src, const char *name)
{
	if (tree < 0 || mount_move(tree, dev, name) < 0)
		view_die(src, name);
	close(tree);
}

/*
 * The terminal on stdout as /dev/console: ttyname(3) finds it there, since
 * the host's /dev/pts is not inside.  Its name is what it was opened by, and
 * where that was in another /dev/pts it is some other terminal's here.
 */
static void
place_console(int dev)
{
	char path[PATH_MAX] = "";
	struct stat want, have;
	int tree;

	if (!isatty(STDOUT_FILENO))
		return;
	if (readlink("/proc/self/fd/1", path, sizeof(path) - 1) < 0 ||
	    strncmp(path, "/dev/", 5) != 0)
		return;
	tree = copy_device(path);
	if (tree < 0 && errno == ENOENT)
		return;
	if (tree < 0 || fstat(STDOUT_FILENO, &want) < 0 ||
	    fstat(tree, &have) < 0)
		view_die(path, "console");
	if (want.st_dev != have.st_dev || want.st_ino != have.st_ino) {
		close(tree);
		return;
	}
	make_file(dev, "console");
	place_device(dev, tree, path, "console");
}

static const char *const nodes[] = {"null",   "zero",	 "full",
				    "random", "urandom", "tty"};

static void
place_devices(int dev)
{
	char src[32];

	for (size_t i = 0; i < COUNT(nodes); i++) {
		snprintf(src, sizeof(src), "/dev/%s", nodes[i]);
		make_file(dev, nodes[i]);
		place_device(dev, copy_device(src), src, nodes[i]);
	}
}

static void
place_terminals(int dev)
{
	static const char *const opts[] = {
	    "source", "devpts", "ptmxmode", "0666", "mode", "0620", NULL};
	int pts = mount_new("devpts", DEVICE_ATTRS, opts);

	if (pts < 0 || mkdirat(dev, "pts", 0755) < 0 ||
	    mount_move(pts, dev, "pts") < 0)
		view_die(NULL, "devpts");
	close(pts);
}

void
kernelfs_dev(struct view *v, const struct op *op)
{
	static const char *const links[][2] = {
	    {"/proc/self/fd", "fd"},	   {"/proc/self/fd/0", "stdin"},
	    {"/proc/self/fd/1", "stdout"}, {"/proc/self/fd/2", "stderr"},
	    {"/proc/kcore", "core"},	   {"pts/ptmx", "ptmx"}};
	int dev = view_directory(v);

	view_place(v, dev, NULL, op->dest);
	place_devices(dev);
	place_console(dev);
	place_terminals(dev);
	for (size_t i = 0; i < COUNT(links); i++)
		if (symlinkat(links[i][0], dev, links[i][1]) < 0)
			die(ERR_TOOL, "cannot link '%s/%s': %m", op->dest,
			    links[i][1]);
	/* POSIX shared memory wants a tmpfs, and this is one */
	if (mkdirat(dev, "shm", 01777) < 0)
		die(ERR_TOOL, "cannot make '%s/shm': %m", op->dest);
	if (dev != v->root)
		close(dev);
}

void
kernelfs_cgroup(struct view *v, const struct op *op)
{
	static const char *const opts[] = {"source", "cgroup2", NULL};
	int tree = mount_new("cgroup2", PROC_ATTRS | MOUNT_ATTR_RDONLY, opts);

	if (tree < 0)
		view_die(NULL, op->dest);
	view_mount(v, tree, NULL, op->dest);
}

/* The messages of the IPC namespace, when that is ours. */
void
kernelfs_mqueue(struct view *v, const struct op *op)
{
	static const char *const opts[] = {"source", "mqueue", NULL};
	int tree = mount_new("mqueue", MOUNT_SAFE | MOUNT_ATTR_NOEXEC, opts);

	if (tree < 0)
		die_hint("it needs a new IPC namespace: --unshare-ipc",
			 "cannot mount message queues on '%s': %m", op->dest);
	view_mount(v, tree, NULL, op->dest);
}
