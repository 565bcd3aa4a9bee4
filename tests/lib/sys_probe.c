/*
 * sys_probe: makes one system call that a filter should refuse and says on
 * stdout what came of it: "ok", or the errno's name.
 *
 *	sys_probe NAME			an attack from the table below, for real
 *	sys_probe raw NUMBER [ARG]...	any call
 *	sys_probe socket FAMILY TYPE PROTOCOL
 *	sys_probe tty NAME		an ioctl on a new controlling terminal
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define N(a) (sizeof(a) / sizeof(*(a)))

/* Numbers that the build machine's headers may lack. */
#define NR_OPEN_TREE 428
#define NR_FSOPEN 430
#define NR_MOUNT_SETATTR 442

static long
in_child(long (*attack)(pid_t child))
{
	pid_t child = fork();
	long r;

	if (child == 0) {
		pause();
		_exit(0);
	}
	r = attack(child);
	int saved = errno;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	errno = saved;
	return r;
}

static long
attach(pid_t child)
{
	return ptrace(PTRACE_ATTACH, child, 0, 0);
}

static char secret[] = "secret";

/* Stops the child, then writes into its memory. */
static long
poke(pid_t child)
{
	if (attach(child) < 0 || waitpid(child, NULL, 0) < 0)
		return -1;
	return ptrace(PTRACE_POKEDATA, child, secret, 0);
}

static long
vm_read(pid_t child)
{
	char got[sizeof(secret)] = "";
	struct iovec to = {got, sizeof(got)}, from = {secret, sizeof(secret)};

	if (process_vm_readv(child, &to, 1, &from, 1, 0) < 0)
		return -1;
	return strcmp(got, secret) == 0 ? 0 : -1;
}

static long
vm_write(pid_t child)
{
	char evil[] = "planted";
	struct iovec from = {evil, 6}, to = {secret, 6};

	return process_vm_writev(child, &from, 1, &to, 1, 0);
}

static long
compare(pid_t child)
{
	return syscall(SYS_kcmp, getpid(), child, 1 /* KCMP_VM */, 0, 0);
}

static long
steal_fd(pid_t child)
{
	int pidfd = (int)syscall(SYS_pidfd_open, child, 0);

	return syscall(SYS_pidfd_getfd, pidfd, 1, 0);
}

static long
do_ptrace(void)
{
	return in_child(poke);
}

static long
do_ptrace_attach(void)
{
	return in_child(attach);
}

/* By number: in a pen the first process, which belongs to pen-ns. */
static long
do_ptrace_first(void)
{
	long r = attach(1);

	if (r == 0 && waitpid(1, NULL, __WALL) == 1)
		ptrace(PTRACE_DETACH, 1, 0, 0); /* or it stays stopped */
	return r;
}

static long
do_vm_readv(void)
{
	return in_child(vm_read);
}

static long
do_vm_writev(void)
{
	return in_child(vm_write);
}

static long
do_kcmp(void)
{
	return in_child(compare);
}

static long
do_pidfd_getfd(void)
{
	return in_child(steal_fd);
}

static long
do_perf(void)
{
	struct perf_event_attr a = {.type = PERF_TYPE_SOFTWARE,
				    .size = sizeof(a),
				    .config = PERF_COUNT_SW_CPU_CLOCK,
				    .exclude_kernel = 1,
				    .exclude_hv = 1};

	return syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}

static long
do_keyctl(void)
{
	return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

static long
do_mount(void)
{
	return syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL);
}

static long
do_chroot(void)
{
	return syscall(SYS_chroot, "/tmp");
}

static long
do_fsopen(void)
{
	return syscall(NR_FSOPEN, "tmpfs", 0);
}

static long
do_mount_setattr(void)
{
	uint64_t attr[4] = {1 /* MOUNT_ATTR_RDONLY */};

	return syscall(NR_MOUNT_SETATTR, AT_FDCWD, "/", 0, attr, sizeof(attr));
}

static long
do_unshare(void)
{
	return syscall(SYS_unshare, CLONE_NEWUSER);
}

static long
do_setns(void)
{
	return syscall(SYS_setns, open("/proc/self/ns/uts", O_RDONLY), 0);
}

/* The flags' high half is not looked at by the kernel. */
static long
clone_with(unsigned long flags)
{
	/* flags, stack, and three pointers whose order differs by machine */
	long r = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (r == 0)
		_exit(0);
	return r;
}

static long
do_clone_user(void)
{
	return clone_with(CLONE_NEWUSER);
}

static long
do_clone_net(void)
{
	return clone_with(CLONE_NEWUSER | CLONE_NEWNET);
}

static long
do_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */);
}

static long
do_sethostname(void)
{
	return syscall(SYS_sethostname, "planted", 7);
}

static long
do_personality(void)
{
	return syscall(SYS_personality, 0x400000 /* READ_IMPLIES_EXEC */);
}

static long
do_no_aslr(void)
{
	return syscall(SYS_personality, 0x40000);
}

#ifdef __x86_64__
static long
do_x32_getpid(void)
{
	return syscall(0x40000000 | SYS_getpid);
}
#endif

/* A listener: it may let a call go on that an older one refuses. */
static long
do_listener(void)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog p = {1, &allow};

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER, &p);
}

static const struct {
	const char *name;
	long (*fn)(void);
} attacks[] = {
    {"ptrace", do_ptrace},
    {"ptrace-attach", do_ptrace_attach},
    {"ptrace-first", do_ptrace_first},
    {"process_vm_readv", do_vm_readv},
    {"process_vm_writev", do_vm_writev},
    {"kcmp", do_kcmp},
    {"pidfd_getfd", do_pidfd_getfd},
    {"perf_event_open", do_perf},
    {"keyctl", do_keyctl},
    {"mount", do_mount},
    {"chroot", do_chroot},
    {"fsopen", do_fsopen},
    {"mount_setattr", do_mount_setattr},
    {"unshare", do_unshare},
    {"setns", do_setns},
    {"clone-user", do_clone_user},
    {"clone-net", do_clone_net},
    {"userfaultfd", do_userfaultfd},
    {"sethostname", do_sethostname},
    {"personality", do_personality},
    {"no-aslr", do_no_aslr},
    {"listener", do_listener},
#ifdef __x86_64__
    {"x32-getpid", do_x32_getpid},
#endif
};

static const struct {
	const char *name;
	unsigned long command, arg;
} ioctls[] = {
    {"TIOCSCTTY", TIOCSCTTY, 0},
    {"TIOCGWINSZ", TIOCGWINSZ, 0},
};

/* On a pty whose session is ours, as a jailed program's terminal is. */
static long
tty(const char *name)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	struct winsize size;
	size_t i = 0;

	while (i < N(ioctls) && strcmp(ioctls[i].name, name) != 0)
		i++;
	if (i == N(ioctls) || master < 0 || grantpt(master) < 0 ||
	    unlockpt(master) < 0)
		exit(2);
	if (setsid() < 0 && fork() > 0) {
		int status;

		if (wait(&status) < 0)
			exit(2);
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
	}
	setsid();
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	if (slave < 0)
		exit(2);
	if (strncmp(name, "TIOCSCTTY", 9) == 0)
		return syscall(SYS_ioctl, slave, ioctls[i].command,
			       ioctls[i].arg);
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		exit(2);
	return syscall(SYS_ioctl, slave, ioctls[i].command, &size);
}

static long
attack(const char *name)
{
	for (size_t i = 0; i < N(attacks); i++)
		if (strcmp(attacks[i].name, name) == 0)
			return attacks[i].fn();
	puts("unknown");
	exit(2);
}

static unsigned long
number(char **argv, int argc, int i)
{
	return i < argc ? strtoul(argv[i], NULL, 0) : 0;
}

int
main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	unsigned long a[7];
	long r;

	for (int i = 0; i < 7; i++)
		a[i] = number(argv, argc, i + 2);
	errno = 0;
	if (strcmp(name, "raw") == 0)
		r = syscall((long)a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
	else if (strcmp(name, "socket") == 0)
		r = syscall(SYS_socket, a[0], a[1], a[2]);
	else if (strcmp(name, "tty") == 0)
		r = tty(argc > 2 ? argv[2] : "");
	else
		r = attack(name);
	puts(r >= 0 ? "ok" : strerrorname_np(errno));
	return 0;
}
