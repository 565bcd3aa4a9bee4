#include "pen-sni/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stddef.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/sandbox.h"

/*
 * landlock(7), by number: the headers of Debian 12 know the first three
 * versions of it, and what they lack is what later ones are used for here.
 */
enum {
	LANDLOCK_VERSION = 1 << 0, /* a flag of create_ruleset */
	LANDLOCK_PATH = 1,	   /* a type of rule */
};

#define FS_WRITE_FILE (1ull << 1)
#define FS_READ_FILE (1ull << 2)
#define FS_REMOVE_DIR (1ull << 4)
#define FS_REMOVE_FILE (1ull << 5)
#define FS_MAKE_REG (1ull << 8)
#define FS_V1 ((1ull << 13) - 1)
#define FS_REFER (1ull << 13)	  /* version 2, Linux 5.19 */
#define FS_TRUNCATE (1ull << 14)  /* version 3, Linux 6.2 */
#define NET_BIND (1ull << 0)	  /* version 4, Linux 6.7 */
#define FS_IOCTL_DEV (1ull << 15) /* version 5, Linux 6.10 */
#define SCOPE_ABSTRACT (1ull << 0) /* version 6, Linux 6.12 */
#define SCOPE_SIGNAL (1ull << 1)

struct ruleset {
	uint64_t fs, net, scope;
};

struct path_rule {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

/* What a kernel with that version can take away, and this process can spare. */
static size_t
describe(long version, struct ruleset *r)
{
	*r = (struct ruleset){.fs = FS_V1};
	if (version >= 2)
		r->fs |= FS_REFER;
	if (version >= 3)
		r->fs |= FS_TRUNCATE;
	if (version >= 4)
		r->net = NET_BIND;
	if (version >= 5)
		r->fs |= FS_IOCTL_DEV;
	if (version >= 6)
		r->scope = SCOPE_ABSTRACT | SCOPE_SIGNAL;
	return version >= 6   ? sizeof(*r)
	       : version >= 4 ? offsetof(struct ruleset, scope)
			      : offsetof(struct ruleset, net);
}

static void
allow_below(int ruleset, int dir, uint64_t access)
{
	struct path_rule rule = {access, dir};

	if (dir >= 0 && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PATH,
				&rule, 0) < 0)
		die(ERR_TOOL, "cannot confine the proxy: Landlock: %m");
}

static void
allow_reading(int ruleset, const char *path)
{
	int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	allow_below(ruleset, dir, FS_READ_FILE);
	if (dir >= 0)
		close(dir);
}

/*
 * Of a directory, and what is in it.  The right to remove directories is that
 * of the one above; the other sessions' there are not empty.
 */
static void
allow_removal(int ruleset, int dir)
{
	int up = dir < 0 ? -1
			 : openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	allow_below(ruleset, dir, FS_REMOVE_FILE);
	allow_below(ruleset, up, FS_REMOVE_DIR);
	if (up >= 0)
		close(up);
}

/*
 * The resolver's files are looked at again during the run, and they are
 * replaced by rename: their directories are what has to stay readable.
 */
static void
restrict_files(int log_dir, int session_dir)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_VERSION);
	char real[PATH_MAX];
	struct ruleset r;
	size_t size;
	int fd;

	if (version < 1)
		return;
	size = describe(version, &r);
	fd = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
	if (fd < 0)
		die(ERR_TOOL, "cannot confine the proxy: Landlock: %m");
	allow_reading(fd, "/etc");
	if (realpath("/etc/resolv.conf", real))
		allow_reading(fd, dirname(real));
	allow_below(fd, log_dir,
		    FS_WRITE_FILE | FS_MAKE_REG | (r.fs & FS_TRUNCATE));
	allow_removal(fd, session_dir);
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		die(ERR_TOOL, "cannot confine the proxy: Landlock: %m");
	close(fd);
}

/* Root's proxy has no use for root's powers; others have none to begin with. */
static void
drop_capabilities(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			break; /* EPERM: without CAP_SETPCAP nothing to drop */
	if (syscall(SYS_capset, &head, none) < 0)
		die(ERR_TOOL, "cannot drop the proxy's capabilities: %m");
}

void
confine_self(int log_dir, int session_dir)
{
	static char *nothing[] = {NULL};
	struct rlimit no_core = {0, 0};

	environ = nothing; /* c-ares reads LOCALDOMAIN and the like from it */
	setrlimit(RLIMIT_CORE, &no_core);
	if (chdir("/") < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot confine the proxy: %m");
	drop_capabilities();
	restrict_files(log_dir, session_dir);
}

/*
 * What the loop, c-ares and the C library make.  Nothing here starts a program
 * or a process, or looks into another one.
 */
static const int calls[] = {
	/* the data path */
	SYS_accept4, SYS_close, SYS_connect, SYS_epoll_create1, SYS_epoll_ctl,
	SYS_epoll_pwait, SYS_fcntl, SYS_getsockname, SYS_getsockopt, SYS_pipe2,
	SYS_read, SYS_recvfrom, SYS_recvmsg, SYS_sendmsg, SYS_sendto,
	SYS_setsockopt, SYS_shutdown, SYS_socket, SYS_splice, SYS_write,
	/* the log, and the resolver's files, sockets and random numbers */
	SYS_bind, SYS_fstat, SYS_ftruncate, SYS_getpeername, SYS_getrandom,
	SYS_ioctl, SYS_lseek, SYS_newfstatat, SYS_openat, SYS_readlinkat,
	SYS_readv, SYS_sendmmsg, SYS_statx, SYS_uname, SYS_writev,
	/* the control socket's end, and prog's when it is asked for there */
	SYS_geteuid, SYS_pidfd_send_signal, SYS_unlinkat,
	/* memory, time, signals, and the end */
	SYS_brk, SYS_clock_gettime, SYS_exit, SYS_exit_group, SYS_futex,
	SYS_getpid, SYS_gettid, SYS_gettimeofday, SYS_madvise, SYS_mmap,
	SYS_mprotect, SYS_mremap, SYS_munmap, SYS_restart_syscall,
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_setitimer,
	SYS_sigaltstack, SYS_tgkill,
#ifdef __x86_64__ /* the older forms, which arm64 never had */
	SYS_alarm, SYS_epoll_wait, SYS_lstat, SYS_open, SYS_poll, SYS_readlink,
	SYS_stat, SYS_time,
#endif
	SYS_ppoll,
};

void
confine_calls(void)
{
	/* netlink says which addresses are this host's */
	static const int families[] = {AF_INET, AF_INET6, AF_NETLINK};

	if (sandbox_families(families, 3) < 0 ||
	    sandbox_calls(calls, sizeof(calls) / sizeof(*calls)) < 0)
		die_hint("the kernel needs CONFIG_SECCOMP_FILTER",
			 "cannot confine the proxy: %m");
}
