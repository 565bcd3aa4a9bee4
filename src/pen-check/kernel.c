/* What pen asks of the kernel, each asked in a child: nothing stays changed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/userns.h"
#include "pen-check/checks.h"
#include "pen-check/refusal.h"
#include "pen-check/try.h"

/* Landlock's first version with each right (landlock(7)). */
#define LANDLOCK_TCP 4
#define LANDLOCK_SCOPES 6

/* Enters new user and mount namespaces, as the user that was outside. */
static int
make_user_namespace(void)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (proc < 0 || unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return errno;
	userns_map(proc, uid, uid, gid, gid);
	return 0;
}

static int
mount_tmpfs(void)
{
	int error = make_user_namespace();

	if (error)
		return error;
	return mount("pen", "/tmp", "tmpfs", 0, "size=1m") < 0 ? errno : 0;
}

static int
clone_mount(void)
{
	int error = make_user_namespace(), fd;
	uint64_t attr[4] = {MS_RDONLY}; /* MOUNT_ATTR_RDONLY */

	if (error)
		return error;
	/* by number, and 1 is OPEN_TREE_CLONE: not every libc has these */
	fd = (int)syscall(SYS_open_tree, AT_FDCWD, "/usr",
			  1 | O_CLOEXEC | AT_RECURSIVE);
	if (fd < 0 ||
	    syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH | AT_RECURSIVE,
		    attr, sizeof(attr)) < 0)
		return errno;
	return 0;
}

static int
set_user_xattr(void)
{
	int error = mount_tmpfs();

	if (error)
		return error;
	return setxattr("/tmp", "user.pen", "1", 1, 0) < 0 ? errno : 0;
}

static int
mount_overlay(void)
{
	int error = mount_tmpfs();

	if (error)
		return error;
	if (mkdir("/tmp/upper", 0700) < 0 || mkdir("/tmp/work", 0700) < 0 ||
	    mkdir("/tmp/all", 0700) < 0)
		return errno;
	return mount("pen", "/tmp/all", "overlay", 0,
		     "userxattr,lowerdir=/usr,upperdir=/tmp/upper,"
		     "workdir=/tmp/work") < 0
		   ? errno
		   : 0;
}

static int
mount_proc(void)
{
	int error = unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID), status;
	pid_t pid;

	if (error < 0)
		return errno;
	pid = fork();
	if (pid == 0)
		_exit(mount("proc", "/proc", "proc", 0, NULL) < 0 ? errno : 0);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

static int
mount_devpts(void)
{
	int error = mount_tmpfs();

	if (error)
		return error;
	return mount("devpts", "/tmp", "devpts", 0,
		     "newinstance,ptmxmode=0666") < 0
		   ? errno
		   : 0;
}

static int
open_netfilter(void)
{
	struct {
		struct nlmsghdr head;
		unsigned char family, version;
		unsigned short zero;
	} ask = {.head = {.nlmsg_len = sizeof(ask),
			  /* NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN */
			  .nlmsg_type = 10 << 8 | 16,
			  .nlmsg_flags = NLM_F_REQUEST}};
	struct {
		struct nlmsghdr head;
		int error;
		char rest[1024];
	} answer;
	int fd;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return errno;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	if (fd < 0 || send(fd, &ask, sizeof(ask), 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < 0)
		return errno;
	return answer.head.nlmsg_type == NLMSG_ERROR ? -answer.error : 0;
}

static int
kill_by_filter(void)
{
	unsigned action = SECCOMP_RET_KILL_PROCESS;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0
		   ? errno
		   : 0;
}

static const struct {
	const char *name;
	int (*answer)(void);
	enum report_state without;
	const char *matters, *advice;
} features[] = {
    {"user namespaces", make_user_namespace, REPORT_MISSING,
     "Without them nothing of pen works: it takes no rights of root's.", NULL},
    {"mounts", mount_tmpfs, REPORT_MISSING,
     "The file view is made of mounts in a namespace of its own.", NULL},
    {"new mount API", clone_mount, REPORT_MISSING,
     "Mounts are made by descriptor, so that no link can lead them away.",
     "Use Linux 5.12 or newer."},
    {"overlayfs", mount_overlay, REPORT_WEAKER,
     "Drafts hold back what a run leaves; without it they are bounded copies.",
     "Use Linux 5.11 or newer with overlayfs (modprobe overlay as root)."},
    {"xattrs on tmpfs", set_user_xattr, REPORT_WEAKER,
     "Without them drafts are bounded copies.", "Use Linux 6.6 or newer."},
    {"/proc", mount_proc, REPORT_MISSING,
     "A run is to see its own processes only.",
     "In a container: unmask /proc (docker run --security-opt "
     "systempaths=unconfined)."},
    {"/dev/pts", mount_devpts, REPORT_MISSING,
     "A run has terminals of its own.", NULL},
    {"nf_tables", open_netfilter, REPORT_MISSING,
     "The packet filter refuses what pen-sni does not serve.",
     "Load it as root: modprobe nf_tables."},
    {"seccomp", kill_by_filter, REPORT_MISSING,
     "The filter refuses system calls that programs do not need.",
     "Use a kernel with CONFIG_SECCOMP_FILTER."},
};

static void
check_landlock(struct report *r)
{
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
				   LANDLOCK_CREATE_RULESET_VERSION);
	struct finding f = {.group = "kernel", .name = mem_copy("Landlock")};

	if (version < 0) {
		f.state = REPORT_WEAKER;
		f.found = mem_printf("not there: %s", strerror(errno));
		f.advice = "Use a kernel with Landlock in CONFIG_LSM.";
	} else {
		f.state = version < LANDLOCK_SCOPES ? REPORT_WEAKER : REPORT_OK;
		f.found = mem_printf(
		    "version %d%s%s", version,
		    version < LANDLOCK_TCP ? ", without TCP" : "",
		    version < LANDLOCK_SCOPES ? ", without signals" : "");
		f.advice = "Use Linux 6.12 or newer.";
	}
	f.matters = "It is a second layer around pen's own helpers.";
	report_add(r, &f);
}

void
check_kernel(struct report *r)
{
	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++) {
		int error = try_call(features[i].answer);
		struct finding f = {
		    .group = "kernel",
		    .name = mem_copy(features[i].name),
		    .state = error ? features[i].without : REPORT_OK,
		    .found = mem_copy(error ? strerror(error) : "works"),
		    .matters = features[i].matters,
		    .advice = features[i].advice};

		if (error && !f.advice)
			f.advice = refusal_of_namespace(error);
		report_add(r, &f);
	}
	check_landlock(r);
}
