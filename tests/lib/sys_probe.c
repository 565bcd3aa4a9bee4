/*
 * sys_probe: makes one system call that a filter should refuse and says on
 * stdout what came of it: "ok", or the errno's name.
 *
 *	sys_probe NAME			an attack from the table below, for real
 *	sys_probe raw NUMBER [ARG]...	any call
 *	sys_probe socket FAMILY TYPE PROTOCOL
 *	sys_probe tty NAME		an ioctl on a new controlling terminal
 *	sys_probe key PROG [ARG]...	becomes PROG with a key that nobody but
 *					its session may see
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define DIRTY 0xdeadbeef00000000ul
#define N(a) (sizeof(a) / sizeof(*(a)))

/* Numbers that the build machine's headers may lack. */
#define NR_OPEN_TREE 428
#define NR_MOVE_MOUNT 429
#define NR_FSOPEN 430
#define NR_MOUNT_SETATTR 442
#define NR_STATMOUNT 457
#define NR_LISTMOUNT 458
#define NR_OPEN_TREE_ATTR 467

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
advise(pid_t child)
{
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct iovec v = {(void *)((uintptr_t)secret & ~4095ul), 4096};

	(void)child;
	return syscall(SYS_process_madvise, pidfd, &v, 1, 20 /* COLD */, 0);
}

static long
do_ptrace(void)
{
	return in_child(attach);
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
do_process_madvise(void)
{
	return in_child(advise);
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
do_add_key(void)
{
	return syscall(SYS_add_key, "user", "pen-probe", "x", 1,
		       KEY_SPEC_PROCESS_KEYRING);
}

static long
do_keyctl(void)
{
	return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

static long
do_request_key(void)
{
	do_add_key();
	return syscall(SYS_request_key, "user", "pen-probe", NULL, 0);
}

static long
do_mount(void)
{
	return syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL);
}

static long
do_umount(void)
{
	return syscall(SYS_umount2, "/mnt", 0);
}

static long
do_chroot(void)
{
	return syscall(SYS_chroot, "/tmp");
}

static long
do_pivot_root(void)
{
	return syscall(SYS_pivot_root, "/proc", "/proc/sys");
}

static long
do_fsopen(void)
{
	return syscall(NR_FSOPEN, "tmpfs", 0);
}

static long
do_open_tree(void)
{
	/* CLONE, RECURSIVE: what covers a mount stays on it */
	return syscall(NR_OPEN_TREE, AT_FDCWD, "/", 0x8001);
}

static long
do_open_tree_attr(void)
{
	return syscall(NR_OPEN_TREE_ATTR, AT_FDCWD, "/", 0x8001, NULL, 0);
}

static long
do_move_mount(void)
{
	return syscall(NR_MOVE_MOUNT, -1, "", -1, "", 0);
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
do_clone_user_dirty(void)
{
	return clone_with(DIRTY | CLONE_NEWUSER);
}

static long
do_clone_net(void)
{
	return clone_with(CLONE_NEWUSER | CLONE_NEWNET);
}

static long
do_clone_plain(void)
{
	return clone_with(0);
}

static long
do_clone3(void)
{
	uint64_t args[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
	long r = syscall(SYS_clone3, args, sizeof(args));

	if (r == 0)
		_exit(0);
	return r;
}

static long
do_io_uring(void)
{
	char params[120] = {0};

	return syscall(SYS_io_uring_setup, 1, params);
}

static long
do_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */);
}

static long
do_name_to_handle(void)
{
	struct {
		struct file_handle h;
		unsigned char room[128];
	} f = {.h.handle_bytes = 128};
	int id;

	return syscall(SYS_name_to_handle_at, AT_FDCWD, "/tmp", &f, &id, 0);
}

static long
do_fanotify(void)
{
	return syscall(SYS_fanotify_init, FAN_CLASS_NOTIF | 0x200, O_RDONLY);
}

static long
do_mbind(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	return syscall(SYS_mbind, p, 4096, 0, NULL, 0, 0);
}

static long
do_set_mempolicy(void)
{
	return syscall(SYS_set_mempolicy, 0, NULL, 0);
}

static long
do_move_pages(void)
{
	return syscall(SYS_move_pages, 0, 0, NULL, NULL, NULL, 0);
}

static long
do_adjtimex(void)
{
	struct timex t = {0};

	return syscall(SYS_adjtimex, &t);
}

static long
do_sethostname(void)
{
	return syscall(SYS_sethostname, "planted", 7);
}

static long
do_statmount(void)
{
	return syscall(NR_STATMOUNT, NULL, NULL, 0, 0);
}

static long
do_listmount(void)
{
	uint64_t req[3] = {24, UINT64_MAX, 0}, ids[4]; /* LSMT_ROOT */

	return syscall(NR_LISTMOUNT, req, ids, N(ids), 0);
}

static long
do_personality(void)
{
	return syscall(SYS_personality, 0x400000 /* READ_IMPLIES_EXEC */);
}

static long
do_personality_dirty(void)
{
	return syscall(SYS_personality, DIRTY | 0x100000 /* MMAP_PAGE_ZERO */);
}

static long
do_no_aslr(void)
{
	return syscall(SYS_personality, 0x40000);
}

static long
do_quotactl(void)
{
	return syscall(SYS_quotactl, 0x80000100 /* Q_SYNC */, NULL, 0, NULL);
}

#ifdef __x86_64__
static long
do_modify_ldt(void)
{
	char ldt[16];

	return syscall(SYS_modify_ldt, 0, ldt, sizeof(ldt));
}

static long
do_iopl(void)
{
	return syscall(SYS_iopl, 0);
}

static long
do_ioperm(void)
{
	return syscall(SYS_ioperm, 0x80, 1, 0);
}

/* socketcall(SYS_SOCKET): i386's one number for all of sockets. */
static long
do_i386_socket(void)
{
	static uint32_t args[3] = {AF_VSOCK, SOCK_STREAM, 0};
	uint32_t *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int r;

	memcpy(low, args, sizeof(args));
	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(102), "b"(1), "c"(low)
			 : "memory", "r8", "r9", "r10", "r11");
	if (r >= 0)
		return r;
	errno = -r;
	return -1;
}

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
	{"process_vm_readv", do_vm_readv},
	{"process_vm_writev", do_vm_writev},
	{"process_madvise", do_process_madvise},
	{"kcmp", do_kcmp},
	{"pidfd_getfd", do_pidfd_getfd},
	{"perf_event_open", do_perf},
	{"add_key", do_add_key},
	{"keyctl", do_keyctl},
	{"request_key", do_request_key},
	{"mount", do_mount},
	{"umount2", do_umount},
	{"chroot", do_chroot},
	{"pivot_root", do_pivot_root},
	{"fsopen", do_fsopen},
	{"open_tree", do_open_tree},
	{"open_tree_attr", do_open_tree_attr},
	{"move_mount", do_move_mount},
	{"mount_setattr", do_mount_setattr},
	{"unshare", do_unshare},
	{"setns", do_setns},
	{"clone-user", do_clone_user},
	{"clone-user-dirty", do_clone_user_dirty},
	{"clone-net", do_clone_net},
	{"clone-plain", do_clone_plain},
	{"clone3", do_clone3},
	{"io_uring_setup", do_io_uring},
	{"userfaultfd", do_userfaultfd},
	{"name_to_handle_at", do_name_to_handle},
	{"fanotify_init", do_fanotify},
	{"mbind", do_mbind},
	{"set_mempolicy", do_set_mempolicy},
	{"move_pages", do_move_pages},
	{"adjtimex", do_adjtimex},
	{"sethostname", do_sethostname},
	{"statmount", do_statmount},
	{"listmount", do_listmount},
	{"personality", do_personality},
	{"personality-dirty", do_personality_dirty},
	{"no-aslr", do_no_aslr},
	{"quotactl", do_quotactl},
	{"listener", do_listener},
#ifdef __x86_64__
	{"modify_ldt", do_modify_ldt},
	{"iopl", do_iopl},
	{"ioperm", do_ioperm},
	{"i386-socket", do_i386_socket},
	{"x32-getpid", do_x32_getpid},
#endif
};

static const struct {
	const char *name;
	unsigned long command, arg;
} ioctls[] = {
	{"TIOCSTI", TIOCSTI, 0},
	{"TIOCSTI-dirty", DIRTY | TIOCSTI, 0},
	{"TIOCLINUX", TIOCLINUX, 0},
	{"TIOCLINUX-dirty", DIRTY | TIOCLINUX, 0},
	{"TIOCSETD", TIOCSETD, 0},
	{"TIOCSETD-dirty", DIRTY | TIOCSETD, 0},
	{"TIOCSCTTY-steal", TIOCSCTTY, 1},
	{"TIOCSCTTY-steal-dirty", DIRTY | TIOCSCTTY, DIRTY | 1},
	{"TIOCSCTTY", TIOCSCTTY, 0},
	{"TIOCGWINSZ", TIOCGWINSZ, 0},
};

/* What the command's argument points to, where it is a pointer. */
static union {
	char typed; /* also TIOCLINUX's subcode: 2, paste the selection */
	int discipline;
	struct winsize size;
} operand = {.discipline = 0};

/* On a pty whose session is ours, as a jailed program's terminal is. */
static long
tty(const char *name)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
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
	operand.typed = strncmp(name, "TIOCLINUX", 9) == 0 ? 2 : 0;
	return syscall(SYS_ioctl, slave, ioctls[i].command, &operand);
}

static _Noreturn void
key(char **argv)
{
	long k;

	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	k = syscall(SYS_add_key, "user", "pen-planted", "x", 1,
		    KEY_SPEC_SESSION_KEYRING);
	if (k < 0 || syscall(SYS_keyctl, KEYCTL_SETPERM, k, 0x3f000000) < 0)
		exit(2);
	execvp(argv[0], argv);
	exit(2);
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
	else if (strcmp(name, "key") == 0 && argc > 2)
		key(argv + 2);
	else if (strcmp(name, "tty") == 0)
		r = tty(argc > 2 ? argv[2] : "");
	else
		r = attack(name);
	puts(r >= 0 ? "ok" : strerrorname_np(errno));
	return 0;
}
