#include "pen-shell/confine.h"

#include <asm/termbits.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <asm/ioctls.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/err.h"

/* landlock(7), by number: older headers know only some of it. */
enum { LANDLOCK_VERSION = 1 << 0 };

#define FS_V1 ((1ull << 13) - 1)
#define FS_REFER (1ull << 13)	   /* version 2, Linux 5.19 */
#define FS_TRUNCATE (1ull << 14)   /* version 3, Linux 6.2 */
#define NET_TCP (3ull)		   /* version 4, Linux 6.7 */
#define FS_IOCTL_DEV (1ull << 15)  /* version 5, Linux 6.10 */
#define SCOPE_ABSTRACT (1ull << 0) /* version 6, Linux 6.12 */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "pen knows x86-64 and arm64"
#endif

/* Nothing can be opened or connected to; what is open stays usable. */
static void
restrict_files(void)
{
	struct {
		uint64_t fs, net, scope;
	} r = {.fs = FS_V1};
	size_t size = offsetof(__typeof__(r), net);
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_VERSION);
	int fd;

	if (version < 1)
		return;
	if (version >= 2)
		r.fs |= FS_REFER;
	if (version >= 3)
		r.fs |= FS_TRUNCATE;
	if (version >= 4) {
		r.net = NET_TCP;
		size = offsetof(__typeof__(r), scope);
	}
	if (version >= 5)
		r.fs |= FS_IOCTL_DEV;
	if (version >= 6) {
		r.scope = SCOPE_ABSTRACT; /* its group has to get SIGTSTP */
		size = sizeof(r);
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		die(ERR_TOOL, "cannot confine the relay: Landlock: %m");
	close(fd);
}

/* Root's relay has no use for root's powers. */
static void
drop_capabilities(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};

	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			break; /* without CAP_SETPCAP nothing to drop */
	if (syscall(SYS_capset, &head, none) < 0)
		die(ERR_TOOL, "cannot drop the relay's capabilities: %m");
}

/* Made of these; what a call may be told is looked at further down. */
static const int calls[] = {
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_close, SYS_ppoll,
	SYS_pselect6, SYS_recvfrom, SYS_recvmsg, SYS_sendto, SYS_sendmsg,
	SYS_fstat, SYS_lseek, SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise,
	SYS_futex, SYS_getrandom, SYS_clock_gettime, SYS_rt_sigaction,
	SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigtimedwait,
	SYS_signalfd4, SYS_setsockopt, SYS_getpid, SYS_gettid,
	SYS_restart_syscall, SYS_exit, SYS_exit_group, SYS_newfstatat,
#ifdef SYS_poll
	SYS_poll,
#endif
};

/* All that is asked of the two terminals. */
static const unsigned ioctls[] = {TCGETS, TCSETS,     TCSETSW,    TCSETSF,
				  TCFLSH, TIOCGWINSZ, TIOCSWINSZ, TIOCGPGRP,
				  FIONREAD};

#define N_CALLS (sizeof(calls) / sizeof(*calls))
#define N_IOCTLS (sizeof(ioctls) / sizeof(*ioctls))
#define DATA(field) ((unsigned)offsetof(struct seccomp_data, field))
/* The low half of an argument; both architectures are little-endian. */
#define ARGUMENT(i) (DATA(args) + 8 * (i))

struct program {
	struct sock_filter v[32 + 2 * (N_CALLS + N_IOCTLS)];
	unsigned short n;
};

static void
add(struct program *p, struct sock_filter f)
{
	p->v[p->n++] = f;
}

/* If the loaded word is k: decide. */
static void
if_equal(struct program *p, unsigned k, unsigned decision)
{
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0,
					    1));
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, decision));
}

static void
load(struct program *p, unsigned at)
{
	add(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at));
}

/* If the loaded word is not k: the next skip instructions are passed over. */
static void
unless(struct program *p, unsigned k, unsigned char skip)
{
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0,
					    skip));
}

#define REFUSE (SECCOMP_RET_ERRNO | EPERM)

static void
make_program(struct program *p)
{
	const unsigned exec = PROT_EXEC;

	load(p, DATA(arch));
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1,
					    0));
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
					    SECCOMP_RET_KILL_PROCESS));
	load(p, DATA(nr));
	for (size_t i = 0; i < N_CALLS; i++)
		if_equal(p, (unsigned)calls[i], SECCOMP_RET_ALLOW);
	/* kill: the own process group, to stop with it */
	unless(p, SYS_kill, 4);
	load(p, ARGUMENT(0));
	if_equal(p, 0, SECCOMP_RET_ALLOW);
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, REFUSE));
	/* memory: never to be executed */
	unless(p, SYS_mmap, 4);
	load(p, ARGUMENT(2));
	add(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, exec, 0,
					    1));
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, REFUSE));
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
					    SECCOMP_RET_ALLOW));
	unless(p, SYS_ioctl, 2 * N_IOCTLS + 2);
	load(p, ARGUMENT(1));
	for (size_t i = 0; i < N_IOCTLS; i++)
		if_equal(p, ioctls[i], SECCOMP_RET_ALLOW);
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, REFUSE));
	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, REFUSE));
}

/* EPERM, and not the end: the terminal has to be given back. */
static void
restrict_calls(void)
{
	struct program p = {.n = 0};
	struct sock_fprog prog;

	make_program(&p);
	prog.len = p.n;
	prog.filter = p.v;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		die_hint("the kernel needs CONFIG_SECCOMP_FILTER",
			 "cannot confine the relay: %m");
}

void
confine_self(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	if (chdir("/") < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot confine the relay: %m");
	drop_capabilities();
	restrict_files();
	restrict_calls();
}
