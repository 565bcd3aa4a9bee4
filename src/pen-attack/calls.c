/*
 * Attacks by system calls.  What an ordinary user may not do outside either is
 * tried as the root of a user namespace of one's own, where one can be made.
 */
#include "pen-attack/root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/fd.h"
#include "pen-attack/attack.h"

#define DIRTY 0xdeadbeef00000000ul

/* Numbers that the build machine's headers may lack. */
#define NR_OPEN_TREE 428
#define NR_MOVE_MOUNT 429
#define NR_FSOPEN 430
#define NR_FSPICK 433
#define NR_MOUNT_SETATTR 442
#define NR_PROCESS_MADVISE 440
#define NR_MEMFD_SECRET 447
#define NR_STATMOUNT 457
#define NR_LISTMOUNT 458
#define NR_OPEN_TREE_ATTR 467
#define NR_LISTNS 470

void
root_become(void)
{
	char map[64];
	unsigned uid = getuid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWNET) <
	    0)
		return;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	fd_write_file(AT_FDCWD, "/proc/self/uid_map", map);
	/* or a mount would be a mount of everybody's */
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static long
in_child(long (*attack)(pid_t child))
{
	pid_t child = fork();
	long r;
	int saved;

	if (child == 0) {
		pause();
		_exit(0);
	}
	r = attack(child);
	saved = errno;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	errno = saved;
	return r;
}

static char secret[] = "secret";

/* Stops the child, then writes into its memory. */
static long
poke(pid_t child)
{
	if (ptrace(PTRACE_ATTACH, child, 0, 0) < 0 ||
	    waitpid(child, NULL, 0) < 0)
		return -1;
	return ptrace(PTRACE_POKEDATA, child, secret, 0);
}

static long
seize(pid_t child)
{
	return ptrace(PTRACE_SEIZE, child, 0, 0);
}

static long
vm_read(pid_t child)
{
	char got[sizeof(secret)] = "";
	struct iovec to = {got, sizeof(got)}, from = {secret, sizeof(secret)};

	if (process_vm_readv(child, &to, 1, &from, 1, 0) < 0)
		return -1;
	return strcmp(got, secret) == 0 ? 0 : failed_by(EFAULT);
}

static long
vm_write(pid_t child)
{
	char evil[] = "planted";
	struct iovec from = {evil, 6}, to = {secret, 6};

	return process_vm_writev(child, &from, 1, &to, 1, 0);
}

static long
compare_processes(pid_t child)
{
	return syscall(SYS_kcmp, getpid(), child, 1 /* KCMP_VM */, 0, 0);
}

static long
steal_fd(pid_t child)
{
	int pidfd = (int)syscall(SYS_pidfd_open, child, 0);

	return syscall(SYS_pidfd_getfd, pidfd, 0, 0);
}

static long
advise(pid_t child)
{
	/* of one's own: others' take CAP_SYS_NICE outside, too */
	int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct iovec v = {(void *)((uintptr_t)secret & ~4095ul), 4096};

	(void)child;

	return syscall(NR_PROCESS_MADVISE, pidfd, &v, 1, 20 /* COLD */, 0);
}

TRY(call_ptrace)
{
	return in_child(poke);
}

TRY(call_ptrace_seize)
{
	return in_child(seize);
}

TRY(call_ptrace_traceme)
{
	return ptrace(PTRACE_TRACEME, 0, 0, 0);
}

TRY(call_vm_readv)
{
	return in_child(vm_read);
}

TRY(call_vm_writev)
{
	return in_child(vm_write);
}

TRY(call_kcmp)
{
	return in_child(compare_processes);
}

TRY(call_pidfd_getfd)
{
	return in_child(steal_fd);
}

TRY(call_process_madvise)
{
	return in_child(advise);
}

TRY(call_perf)
{
	struct perf_event_attr a = {.type = PERF_TYPE_SOFTWARE,
				    .size = sizeof(a),
				    .config = PERF_COUNT_SW_CPU_CLOCK,
				    .exclude_kernel = 1,
				    .exclude_hv = 1};

	return syscall(SYS_perf_event_open, &a, 0, -1, -1, 0);
}

TRY(call_add_key)
{
	return syscall(SYS_add_key, "user", "pen-attack", "x", 1,
		       KEY_SPEC_PROCESS_KEYRING);
}

TRY(call_keyctl)
{
	return syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

TRY(call_request_key)
{
	call_add_key(w, arg);
	return syscall(SYS_request_key, "user", "pen-attack", NULL, 0);
}

TRY(call_mount)
{
	root_become();
	return syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL);
}

TRY(call_bind)
{
	root_become();
	return syscall(SYS_mount, "/usr", "/tmp", NULL, MS_BIND | MS_REC, NULL);
}

TRY(call_umount)
{
	root_become();
	syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL);
	return syscall(SYS_umount2, "/tmp", 0);
}

TRY(call_remount)
{
	root_become();
	syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL);
	return syscall(SYS_mount, NULL, "/tmp", NULL, MS_REMOUNT, NULL);
}

TRY(call_chroot)
{
	root_become();
	return syscall(SYS_chroot, "/tmp");
}

/* EINVAL is the kernel's answer to one who may: "/" is no mount point. */
TRY(call_pivot_root)
{
	long r;

	root_become();
	r = syscall(SYS_pivot_root, "/proc", "/proc/sys");
	return r < 0 && errno == EINVAL ? 0 : r;
}

TRY(call_fsopen)
{
	root_become();
	return syscall(NR_FSOPEN, "tmpfs", 0);
}

TRY(call_fspick)
{
	root_become();
	return syscall(NR_FSPICK, AT_FDCWD, "/", 0);
}

TRY(call_open_tree)
{
	root_become();
	/* CLONE, RECURSIVE: what covers a mount stays on it */
	return syscall(NR_OPEN_TREE, AT_FDCWD, "/", 0x8001);
}

TRY(call_open_tree_attr)
{
	root_become();
	return syscall(NR_OPEN_TREE_ATTR, AT_FDCWD, "/", 0x8001, NULL, 0);
}

/* ENOENT is the answer to one who may. */
TRY(call_move_mount)
{
	long r;

	root_become();
	r = syscall(NR_MOVE_MOUNT, -1, "", -1, "", 0);
	return r < 0 && errno == ENOENT ? 0 : r;
}

TRY(call_mount_setattr)
{
	uint64_t attr[4] = {1 /* MOUNT_ATTR_RDONLY */};

	root_become();
	return syscall(NR_MOUNT_SETATTR, AT_FDCWD, "/", 0, attr, sizeof(attr));
}

TRY(call_setns)
{
	root_become();
	return syscall(SYS_setns, open("/proc/self/ns/uts", O_RDONLY), 0);
}

TRY(call_sethostname)
{
	root_become();
	return syscall(SYS_sethostname, "planted", 7);
}

/* arg: the CLONE_NEW* flags, in octal. */
TRY(call_unshare)
{
	unsigned long flags = strtoul(arg, NULL, 0);

	return syscall(SYS_unshare, flags | CLONE_NEWUSER);
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

TRY(call_clone_user)
{
	return clone_with(CLONE_NEWUSER);
}

TRY(call_clone_dirty)
{
	return clone_with(DIRTY | CLONE_NEWUSER);
}

TRY(call_clone_net)
{
	return clone_with(CLONE_NEWUSER | CLONE_NEWNET);
}

TRY(call_clone3)
{
	uint64_t args[8] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
	long r = syscall(SYS_clone3, args, sizeof(args));

	if (r == 0)
		_exit(0);
	return r;
}

TRY(call_io_uring)
{
	char params[120] = {0};

	return syscall(SYS_io_uring_setup, 1, params);
}

TRY(call_userfaultfd)
{
	return syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */);
}

TRY(call_name_to_handle)
{
	struct {
		unsigned bytes;
		int type;
		unsigned char room[128];
	} f = {.bytes = 128};
	int id;

	return syscall(SYS_name_to_handle_at, AT_FDCWD, "/tmp", &f, &id, 0);
}

TRY(call_fanotify)
{
	/* FAN_CLASS_NOTIF | FAN_REPORT_FID */
	return syscall(SYS_fanotify_init, 0x200, O_RDONLY);
}

TRY(call_mbind)
{
	void *p =
	    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return syscall(SYS_mbind, p, 4096, 0, NULL, 0, 0);
}

TRY(call_set_mempolicy)
{
	return syscall(SYS_set_mempolicy, 0, NULL, 0);
}

TRY(call_move_pages)
{
	return syscall(SYS_move_pages, 0, 0, NULL, NULL, NULL, 0);
}

TRY(call_migrate_pages)
{
	unsigned long node = 1;

	return syscall(SYS_migrate_pages, 0, 64, &node, &node);
}

TRY(call_adjtimex)
{
	struct timex t = {0};

	return syscall(SYS_adjtimex, &t);
}

/* EFAULT is the answer to one who may ask. */
TRY(call_statmount)
{
	long r = syscall(NR_STATMOUNT, NULL, NULL, 0, 0);

	return r < 0 && errno == EFAULT ? 0 : r;
}

TRY(call_listmount)
{
	uint64_t req[3] = {24, UINT64_MAX, 0}, ids[4]; /* LSMT_ROOT */

	return syscall(NR_LISTMOUNT, req, ids, 4, 0);
}

TRY(call_listns)
{
	uint64_t req[5] = {40}, ids[4];

	return syscall(NR_LISTNS, req, ids, 4, 0);
}

TRY(call_memfd_secret)
{
	return syscall(NR_MEMFD_SECRET, 0);
}

/* arg: the persona, in hexadecimal; "+" before it for dirt. */
TRY(call_personality)
{
	unsigned long dirt = *arg == '+' ? DIRTY : 0;

	return syscall(SYS_personality,
		       dirt | strtoul(arg + (dirt != 0), NULL, 16));
}

TRY(call_quotactl)
{
	return syscall(SYS_quotactl, 0x80000100 /* Q_SYNC */, NULL, 0, NULL);
}

TRY(call_bpf)
{
	/* BPF_PROG_TYPE_SOCKET_FILTER: r0 = 0; exit */
	uint64_t code[2] = {0xb7, 0x95};
	struct {
		uint32_t type, n;
		uint64_t code, license;
		char rest[64];
	} load = {
	    1, 2, (uint64_t)(uintptr_t)code, (uint64_t)(uintptr_t) "GPL", {0}};

	return syscall(SYS_bpf, 5 /* PROG_LOAD */, &load, sizeof(load));
}

/* A listener may let a call go on that an older filter refuses: no attack but
 * by one who is told of the calls of others. */
#ifdef __x86_64__
TRY(call_modify_ldt)
{
	char ldt[16];

	return syscall(SYS_modify_ldt, 0, ldt, sizeof(ldt));
}

TRY(call_iopl)
{
	return syscall(SYS_iopl, 0);
}

/* socketcall(SYS_SOCKET): i386's one number for all of sockets. */
TRY(call_i386_socket)
{
	static uint32_t args[3] = {2 /* AF_INET */, 1, 0};
	uint32_t *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	int r;

	memcpy(low, args, sizeof(args));
	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(102), "b"(1), "c"(low)
			 : "memory", "r8", "r9", "r10", "r11");
	return r >= 0 ? r : failed_by(-r);
}

/* getpid, by i386's number. */
TRY(call_i386_getpid)
{
	int r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(20)
			 : "memory", "r8", "r9", "r10", "r11");
	return r >= 0 ? r : failed_by(-r);
}

TRY(call_x32_getpid)
{
	long r = syscall(0x40000000 | SYS_getpid);

	/* a kernel without x32 says so: its entry was reached */
	return r < 0 && errno == ENOSYS ? 0 : r;
}
#else
#define ABSENT(name)                      \
	TRY(name)                         \
	{                                 \
		return failed_by(ENOSYS); \
	}
ABSENT(call_modify_ldt)
ABSENT(call_iopl)
ABSENT(call_i386_socket)
ABSENT(call_i386_getpid)
ABSENT(call_x32_getpid)
#endif

/* Through what a program inherits, too: a child of a new session. */
TRY(call_after_exec)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		execl("/proc/self/exe", "pen-attack", "--try",
		      "calls/unshare-user", (char *)NULL);
		_exit(126);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0
							     : failed_by(EPERM);
}
