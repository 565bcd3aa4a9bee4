#include "confine.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/sandbox.h"

/*
 * landlock(7), by number: the headers of Debian 12 know its first versions.
 * Files are left out of it: there is no system call for them.
 */
#define LANDLOCK_VERSION (1 << 0)    /* a flag of create_ruleset */
#define LANDLOCK_PORT 2		     /* a type of rule */
#define NET_BIND (1ull << 0)	     /* version 4, Linux 6.7 */
#define NET_CONNECT (1ull << 1)
#define SCOPE_ABSTRACT (1ull << 0)   /* version 6, Linux 6.12 */
#define SCOPE_SIGNAL (1ull << 1)

static void
restrict_ports(const uint16_t *ports, size_t n)
{
	struct {
		uint64_t fs, net, scope;
	} r = {.net = NET_BIND | NET_CONNECT};
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_VERSION);
	int fd;

	if (version < 4)
		return;
	if (version >= 6)
		r.scope = SCOPE_ABSTRACT | SCOPE_SIGNAL;
	fd = (int)syscall(SYS_landlock_create_ruleset, &r,
			  version >= 6 ? sizeof(r) : 2 * sizeof(uint64_t), 0);
	for (size_t i = 0; fd >= 0 && i < n; i++) {
		struct {
			uint64_t allowed, port;
		} rule = {NET_CONNECT, ports[i]};

		if (syscall(SYS_landlock_add_rule, fd, LANDLOCK_PORT, &rule,
			    0) < 0)
			die(ERR_TOOL, "cannot confine the forwarder: %m");
	}
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		die(ERR_TOOL, "cannot confine the forwarder: Landlock: %m");
	close(fd);
}

/*
 * What the loop, the data path and the resolver make: nothing opens, binds or
 * starts anything.
 */
static const int calls[] = {
	SYS_accept4, SYS_close, SYS_connect, SYS_dup3, SYS_epoll_ctl,
	SYS_epoll_pwait, SYS_fcntl, SYS_getsockopt, SYS_pipe2, SYS_recvfrom,
	SYS_sendto, SYS_setsockopt, SYS_shutdown, SYS_socket, SYS_splice,
	SYS_write,
	/* memory, time, and the end */
	SYS_brk, SYS_clock_gettime, SYS_exit_group, SYS_futex, SYS_getpid,
	SYS_gettid, SYS_madvise, SYS_mmap, SYS_mprotect, SYS_mremap, SYS_munmap,
	SYS_restart_syscall, SYS_rt_sigprocmask, SYS_rt_sigreturn,
	SYS_sigaltstack, SYS_tgkill,
#ifdef __x86_64__
	SYS_epoll_wait,
#endif
};

void
confine_self(const uint16_t *ports, size_t n)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {{0}};
	static const int families[] = {AF_INET, AF_INET6};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    syscall(SYS_capset, &head, none) < 0)
		die(ERR_TOOL, "cannot confine the forwarder: %m");
	restrict_ports(ports, n);
	if (sandbox_families(families, 2) < 0 ||
	    sandbox_calls(calls, sizeof(calls) / sizeof(*calls)) < 0)
		die_hint("the kernel needs CONFIG_SECCOMP_FILTER",
			 "cannot confine the forwarder: %m");
}
