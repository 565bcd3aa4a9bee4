/* --proc, --dev and --system: views that one option asks for. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
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
static const char *const proc_dirs[] = {"sys",	"bus",	"irq",
					"fs",	"acpi", "scsi"};
static const char *const proc_files[] = {
	"sysrq-trigger", "kcore",      "keys",	      "kmsg",
	"timer_list",	 "mtrr",       "latency_stats", "sched_debug",
	"kpagecount",	 "kpageflags", "kpagecgroup", "vmallocinfo"};

/*
 * Can the file be opened like that?  When that cannot be told, it can.  By the
 * effective ids, which are the real ones: for those the kernel need not make
 * credentials without capabilities first.
 */
static int
opens(int dir, const char *name, int mode)
{
	return faccessat(dir, name, mode, AT_EACCESS) == 0 ||
	       (errno != ENOENT && errno != ENOTDIR && errno != EACCES &&
		errno != EROFS);
}

/* In either way?  Most of what is asked for is not there. */
static int
opens_either(int dir, const char *name, int mode, int other)
{
	return opens(dir, name, mode) ||
	       (errno != ENOENT && opens(dir, name, other));
}

/* All of it is owned by the root of the machine, and by nobody else writable:
 * is that this user?  An id that is not mapped is shown as another's. */
static int
is_owner(int proc)
{
	struct statx sx;

	if (mount_stat(proc, STATX_UID, &sx) < 0)
		die(ERR_TOOL, "cannot look at the new /proc: %m");
	return sx.stx_uid == geteuid();
}

static void
read_only(int proc, const char *name)
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
		if (!v->nested || opens(proc, proc_dirs[i], W_OK))
			read_only(proc, proc_dirs[i]);
	for (size_t i = 0; i < COUNT(proc_files); i++)
		if (v->nested ? opens(proc, proc_files[i], W_OK)
			      : opens_either(proc, proc_files[i], R_OK, W_OK))
			view_mask(v, proc, proc_files[i]);
}

void
view_proc(struct view *v, const char *dest)
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
			 "cannot mount a new /proc on '%s': %m", dest);
	if (proc < 0)
		view_die(NULL, dest);
	view_place(v, proc, NULL, dest);
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
device(int dev, int tree, const char *src, const char *name)
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
console(int dev)
{
	char *path;
	struct stat want, have;
	int tree;

	if (!isatty(STDOUT_FILENO))
		return;
	path = mem_alloc(PATH_MAX);
	if (readlink("/proc/self/fd/1", path, PATH_MAX - 1) < 0 ||
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
	device(dev, tree, path, "console");
}

static const char *const nodes[] = {"null",   "zero",	 "full",
				    "random", "urandom", "tty"};

/*
 * What they are mounted on is one file by all names: nobody needs it, and an
 * inode for each takes two microseconds.
 */
static void
devices(int dev)
{
	char src[32];

	make_file(dev, nodes[0]);
	for (size_t i = 1; i < COUNT(nodes); i++)
		if (linkat(dev, nodes[0], dev, nodes[i], 0) < 0)
			view_die(NULL, nodes[i]);
	for (size_t i = 0; i < COUNT(nodes); i++) {
		snprintf(src, sizeof(src), "/dev/%s", nodes[i]);
		device(dev, copy_device(src), src, nodes[i]);
	}
}

static void
terminals(int dev)
{
	static const char *const opts[] = {"source", "devpts", "ptmxmode",
					   "0666",   "mode",   "0620",
					   NULL};
	int pts = mount_new("devpts", DEVICE_ATTRS, opts);

	if (pts < 0 || mkdirat(dev, "pts", 0755) < 0 ||
	    mount_move(pts, dev, "pts") < 0)
		view_die(NULL, "devpts");
	close(pts);
}

void
view_dev(struct view *v, const char *dest)
{
	static const char *const links[][2] = {
		{"/proc/self/fd", "fd"},	{"/proc/self/fd/0", "stdin"},
		{"/proc/self/fd/1", "stdout"},	{"/proc/self/fd/2", "stderr"},
		{"/proc/kcore", "core"},	{"pts/ptmx", "ptmx"}};
	int dev = view_directory(v, dest);

	devices(dev);
	console(dev);
	terminals(dev);
	for (size_t i = 0; i < COUNT(links); i++)
		if (symlinkat(links[i][0], dev, links[i][1]) < 0)
			die(ERR_TOOL, "cannot link '%s/%s': %m", dest,
			    links[i][1]);
	/* POSIX shared memory wants a tmpfs, and this is one */
	if (mkdirat(dev, "shm", 01777) < 0)
		die(ERR_TOOL, "cannot make '%s/shm': %m", dest);
	if (dev != v->root)
		close(dev);
}

/*
 * Where a system keeps its programs: merged-/usr (links to usr/), split
 * (directories), NixOS and Guix (the store, what /run points to).  Each is
 * taken as it is found; a link is made again, a directory bound.
 */
static const char *const system_trees[] = {
	"/usr",
	"/bin",
	"/sbin",
	"/lib",
	"/lib32",
	"/lib64",
	"/libx32",
	"/opt",
	"/nix/store",
	"/nix/var/nix/profiles",
	"/gnu/store",
	"/var/guix/profiles",
	"/run/current-system",
	"/run/booted-system",
	"/run/opengl-driver",
	"/run/wrappers",
	"/var/lib/ca-certificates", /* openSUSE: /etc/ssl/certs points here */
};

/*
 * What node, the JVM and glibc read below /sys to count processors and
 * memory.
 */
static const char *const system_sys[] = {"/sys/devices/system"};

/*
 * Secrets below /etc.  Distributions keep them from users; root reads them,
 * and so does a user whose groups or whose administrator say so.
 */
static const char system_secrets[][40] = {
	"NetworkManager/system-connections",
	"apt/auth.conf",
	"apt/auth.conf.d",
	"cifs-credentials",
	"cups/ssl",
	"docker/key.json",
	"exim4/passwd.client",
	"gshadow",
	"gshadow-",
	"ipsec.secrets",
	"iwd",
	"krb5.keytab",
	"kubernetes/admin.conf",
	"kubernetes/pki",
	"letsencrypt/accounts",
	"letsencrypt/archive",
	"letsencrypt/keys",
	"letsencrypt/live",
	"msmtprc",
	"mysql/debian.cnf",
	"openvpn",
	"pki/tls/private",
	"polkit-1/rules.d",
	"postfix/sasl_passwd",
	"ppp/chap-secrets",
	"ppp/pap-secrets",
	"rancher",
	"samba/private",
	"security/opasswd",
	"shadow",
	"shadow-",
	"ssh/ssh_host_dsa_key",
	"ssh/ssh_host_ecdsa_key",
	"ssh/ssh_host_ed25519_key",
	"ssh/ssh_host_rsa_key",
	"ssl/private",
	"sudoers",
	"sudoers.d",
	"swanctl/private",
	"wireguard",
	"wpa_supplicant",
};

static void
system_tree(struct view *v, const char *path)
{
	char *target = mem_alloc(PATH_MAX);
	ssize_t n = readlink(path, target, PATH_MAX - 1);

	if (n >= 0)
		view_symlink(v, target, path);
	else if (errno == EINVAL) /* no link */
		view_bind(v, path, path, MOUNT_SAFE | MOUNT_ATTR_RDONLY);
	else if (errno != ENOENT && errno != ENOTDIR)
		view_die(path, path);
	free(target);
}

static void
system_etc(struct view *v)
{
	int etc;

	view_bind(v, "/etc", "/etc", MOUNT_SAFE | MOUNT_ATTR_RDONLY);
	etc = mount_lookup(v->root, "/etc", O_PATH | O_DIRECTORY);
	if (etc < 0)
		die(ERR_TOOL, "cannot open the new /etc: %m");
	for (size_t i = 0; i < COUNT(system_secrets); i++) {
		const char *name = system_secrets[i];

		if (opens_either(etc, name, R_OK, X_OK))
			view_mask(v, etc, name);
	}
	close(etc);
}

/*
 * The resource limits of the own cgroup, as a container sees them.  The
 * hierarchy of version 1 is not shown: it names every service of the host.
 */
static void
system_cgroup(struct view *v)
{
	static const char *const opts[] = {"source", "cgroup2", NULL};
	struct statfs fs;
	int tree;

	if (statfs("/sys/fs/cgroup", &fs) < 0) {
		if (errno == ENOENT || errno == EACCES)
			return;
		die(ERR_TOOL, "cannot look at '/sys/fs/cgroup': %m");
	}
	if (fs.f_type != CGROUP2_SUPER_MAGIC)
		return;
	tree = mount_new("cgroup2", PROC_ATTRS | MOUNT_ATTR_RDONLY, opts);
	if (tree < 0)
		view_die(NULL, "/sys/fs/cgroup");
	view_place(v, tree, NULL, "/sys/fs/cgroup");
	close(tree);
}

void
view_system(struct view *v)
{
	for (size_t i = 0; i < COUNT(system_trees); i++)
		system_tree(v, system_trees[i]);
	if (access("/etc", F_OK) == 0 || errno != ENOENT)
		system_etc(v);
	for (size_t i = 0; i < COUNT(system_sys); i++)
		system_tree(v, system_sys[i]);
	system_cgroup(v);
}
