#include "lib/policy.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>

/*
 * The holes: x86-64 ends its own numbers with uprobe, 336, and shares all from
 * 424 on with everybody (arch/x86/entry/syscalls/syscall_64.tbl says that 387
 * to 423 stay empty); arm64 has asm-generic's, where 295 to 402 are reserved
 * and 403 to 423 belong to 32-bit machines.
 */
const struct policy_arch_info policy_archs[] = {
    [POLICY_X86_64] = {"x86_64", AUDIT_ARCH_X86_64, 337, 423, 0x40000000,
		       "i386, x32"},
    [POLICY_AARCH64] = {"aarch64", AUDIT_ARCH_AARCH64, 295, 423, UINT32_MAX,
			"arm"},
};
static_assert(sizeof(policy_archs) / sizeof(*policy_archs) == POLICY_ARCHES,
	      "a row each");

/* clang-format off */
#define ALL 0xffffffffu
#define N_(...) (sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
#define IN(arg, mask, ...) \
	{POLICY_IN, arg, mask, N_(__VA_ARGS__), {__VA_ARGS__}}
#define NOT_IN(arg, mask, ...) \
	{POLICY_NOT_IN, arg, mask, N_(__VA_ARGS__), {__VA_ARGS__}}
#define ANY(arg, mask) {POLICY_ANY, arg, mask, 0, {0}}

#define PERM(group, name) {group, name, EPERM, 0, 0, 0, NULL, {{0}}}
#define PERM_BUT(group, name, relaxed) \
	{group, name, EPERM, 0, relaxed, 0, NULL, {{0}}}
#define NOSYS(group, name, number, relaxed) \
	{group, name, ENOSYS, number, relaxed, 0, NULL, {{0}}}

/*
 * CLONE_NEWTIME is not among them: clone(2) takes its bit as part of the exit
 * signal (time_namespaces(7)); unshare and clone3 are refused whole.
 */
#define NAMESPACES                                               \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* AF_INET and AF_INET6 differ in one bit; with it masked out both are 2. */
#define INET_MASK ((uint32_t)~(AF_INET ^ AF_INET6))
static_assert((AF_INET & AF_INET6) == AF_INET &&
		      ((AF_INET ^ AF_INET6) & ((AF_INET ^ AF_INET6) - 1)) == 0,
	      "one bit");
#define INET IN(0, INET_MASK, AF_INET)

/* Not the types' names: SOCK_STREAM and its kind are an enum in glibc. */
#define TYPE_MASK 0xfu /* SOCK_TYPE_MASK; above are NONBLOCK and CLOEXEC */
static_assert((SOCK_CLOEXEC & TYPE_MASK) == 0, "flags are not types");

/*
 * gdb and strace -D ask for ADDR_NO_RANDOMIZE on top of what they have.  The
 * allowed ones are Docker's: Linux, Linux32, both with UNAME26, and the
 * question.  READ_IMPLIES_EXEC and MMAP_PAGE_ZERO would undo what keeps
 * exploits hard.
 */
#define PERSONALITIES(mask)                                               \
	NOT_IN(0, mask, PER_LINUX, PER_LINUX32, UNAME26,                  \
	       PER_LINUX32 | UNAME26, 0xffffffff & (mask))

/*
 * Modes.  A set-group-ID bit is refused where a file is made; chmod(2) cannot
 * tell a file from a directory, which needs the bit to share its group ("git
 * init --shared").  open(2) looks at its mode only when it may make a file.
 */
#define SET_ID (S_ISUID | S_ISGID)
#define CREATES (O_CREAT | 020000000 /* O_TMPFILE less O_DIRECTORY */)
#define MODE(name, number, arg, bits, where) \
	{"set-id", name, EPERM, number, 0, 0, where, {ANY(arg, bits)}}

/*
 * The ioctls of file systems' own.  Some move content from one file to another
 * or away and leave no trace in a time stamp: EXT4_IOC_MOVE_EXT, xfs'
 * SWAPEXT, F2FS_IOC_MOVE_RANGE and SEC_TRIM_FILE; others make what looks like
 * a directory and is not (btrfs), or close a file for good (fs-verity).  Each
 * file system brings more of them, so of the types that file systems use only
 * those commands are left that are listed here.  ENOTTY is what a file system
 * without the command says: programs go on without it.
 */
#define TYPE(type) IN(1, 0xff00, (type) << 8)
#define ONLY(type, where, ...)                              \
	{"filesystem", "ioctl", ENOTTY, 0, 0, 0, where, \
	 {TYPE(type), NOT_IN(1, ALL, __VA_ARGS__)}}
#define PAGEMAP_SCAN_ 0xc0606610u  /* newer than many headers */
#define PROCMAP_QUERY_ 0xc0686611u /* of /proc/PID/maps, as above */

const struct policy_row policy_rows[] = {
	/*
	 * LeakSanitizer, which is in every program that is built with
	 * AddressSanitizer, stops its own threads from a process that shares
	 * their memory.  These requests stop a process, let it go on, and read
	 * its registers.  They give nothing that kill(2) and /proc/PID/mem,
	 * which asks the same of who opens it, do not: they write neither
	 * registers nor memory, and begin nothing (by TRACEME pid 1 would be a
	 * tracer that does not know it).  pid 1 is not dumpable.
	 */
	{"tracing", "ptrace", EPERM, 0, POLICY_DEBUG, 0,
	 "not ATTACH, CONT, DETACH, GETREGS, GETREGSET, KILL",
	 {NOT_IN(0, ALL, PTRACE_ATTACH, PTRACE_CONT, PTRACE_DETACH,
		 12 /* PTRACE_GETREGS */, PTRACE_GETREGSET, PTRACE_KILL)}},
	PERM_BUT("tracing", "process_vm_readv", POLICY_DEBUG),
	PERM_BUT("tracing", "process_vm_writev", POLICY_DEBUG),
	PERM_BUT("tracing", "kcmp", POLICY_DEBUG),
	PERM("tracing", "process_madvise"),
	PERM("tracing", "pidfd_getfd"),
	PERM_BUT("tracing", "perf_event_open", POLICY_PERF),

	PERM("keyrings", "add_key"),
	PERM("keyrings", "keyctl"),
	PERM("keyrings", "request_key"),

	PERM_BUT("mounts", "mount", POLICY_NESTED),
	PERM_BUT("mounts", "umount2", POLICY_NESTED),
	PERM_BUT("mounts", "pivot_root", POLICY_NESTED),
	PERM_BUT("mounts", "chroot", POLICY_NESTED),
	{"mounts", "fchroot", EPERM, 472, POLICY_NESTED, 0, NULL, {{0}}},

	NOSYS("mount-api", "open_tree", 0, POLICY_NESTED),
	NOSYS("mount-api", "open_tree_attr", 467, POLICY_NESTED),
	NOSYS("mount-api", "move_mount", 0, POLICY_NESTED),
	NOSYS("mount-api", "fsopen", 0, POLICY_NESTED),
	NOSYS("mount-api", "fsconfig", 0, POLICY_NESTED),
	NOSYS("mount-api", "fsmount", 0, POLICY_NESTED),
	NOSYS("mount-api", "fspick", 0, POLICY_NESTED),
	NOSYS("mount-api", "mount_setattr", 442, POLICY_NESTED),

	PERM_BUT("namespaces", "unshare", POLICY_NESTED),
	PERM_BUT("namespaces", "setns", POLICY_NESTED),
	{"namespaces", "clone", EPERM, 0, POLICY_NESTED, 0,
	 "flags & CLONE_NEW*", {ANY(0, NAMESPACES)}},

	/*
	 * Its flags are in memory, where a filter cannot look.  glibc falls
	 * back to clone on ENOSYS, and on nothing else.
	 */
	NOSYS("clone3", "clone3", 0, 0),

	PERM("kernel", "bpf"),
	PERM("kernel", "init_module"),
	PERM("kernel", "finit_module"),
	PERM("kernel", "delete_module"),
	PERM("kernel", "create_module"),
	PERM("kernel", "query_module"),
	PERM("kernel", "get_kernel_syms"),
	PERM("kernel", "kexec_load"),
	PERM("kernel", "kexec_file_load"),
	PERM("kernel", "reboot"),
	PERM("kernel", "swapon"),
	PERM("kernel", "swapoff"),
	PERM("kernel", "acct"),
	PERM("kernel", "quotactl"),
	{"kernel", "quotactl_fd", EPERM, 443, 0, 0, NULL, {{0}}},
	PERM("kernel", "syslog"),
	PERM("kernel", "iopl"),
	PERM("kernel", "ioperm"),
	PERM("kernel", "lookup_dcookie"),
	PERM("kernel", "uselib"),
	PERM("kernel", "nfsservctl"),
	PERM("kernel", "vhangup"),
	PERM("kernel", "settimeofday"),
	PERM("kernel", "clock_settime"),
	/* Setting differs from asking in memory only: both are refused. */
	PERM("kernel", "clock_adjtime"),
	PERM("kernel", "adjtimex"),
	PERM_BUT("kernel", "sethostname", POLICY_NESTED),
	PERM_BUT("kernel", "setdomainname", POLICY_NESTED),

	/* Files and sockets without the calls that a filter sees. */
	NOSYS("primitives", "io_uring_setup", 0, 0),
	NOSYS("primitives", "io_uring_enter", 0, 0),
	NOSYS("primitives", "io_uring_register", 0, 0),
	PERM("primitives", "userfaultfd"),

	PERM("handles", "open_by_handle_at"),
	PERM("handles", "name_to_handle_at"),
	PERM("handles", "fanotify_init"),

	PERM("numa", "move_pages"),
	PERM("numa", "migrate_pages"),
	PERM("numa", "mbind"),
	PERM("numa", "set_mempolicy"),
	{"numa", "set_mempolicy_home_node", EPERM, 450, 0, 0, NULL, {{0}}},

	PERM("misc", "modify_ldt"),
	{"misc", "personality", EPERM, 0, POLICY_DEBUG, 0,
	 "not 0, 8, 0x20000, 0x20008, 0xffffffff", {PERSONALITIES(ALL)}},
	{"misc", "personality", EPERM, 0, 0, POLICY_DEBUG,
	 "not 0, 8, 0x20000, 0x20008, 0xffffffff, or with "
	 "ADDR_NO_RANDOMIZE",
	 {PERSONALITIES(ALL & ~(uint32_t)ADDR_NO_RANDOMIZE)}},
	NOSYS("misc", "statmount", 457, 0),
	NOSYS("misc", "listmount", 458, 0),
	NOSYS("misc", "lsm_set_self_attr", 460, 0),
	NOSYS("misc", "listns", 470, 0),
	NOSYS("misc", "memfd_secret", 447, 0),

	/* AF_VSOCK ignores network namespaces, AF_ALG is kernel crypto. */
	{"sockets", "socket", EAFNOSUPPORT, 0, 0, 0,
	 "family not AF_UNIX, AF_INET, AF_INET6, AF_NETLINK",
	 {NOT_IN(0, ALL, AF_UNIX, AF_INET, AF_INET6, AF_NETLINK)}},
	{"sockets", "socket", EAFNOSUPPORT, 0, 0, 0,
	 "AF_NETLINK, protocol not NETLINK_ROUTE",
	 {IN(0, ALL, AF_NETLINK), NOT_IN(2, ALL, NETLINK_ROUTE)}},
	/* SOCK_PACKET is AF_PACKET by an older name; it is none of the two. */
	{"sockets", "socket", EPERM, 0, 0, 0,
	 "AF_INET, AF_INET6, type not SOCK_STREAM, SOCK_DGRAM",
	 {INET, NOT_IN(1, TYPE_MASK, SOCK_STREAM, SOCK_DGRAM)}},
	{"sockets", "socket", EPERM, 0, 0, 0,
	 "AF_INET, AF_INET6, protocol not 0, ICMP, TCP, UDP, ICMPV6",
	 {INET, NOT_IN(2, ALL, 0, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP,
		       IPPROTO_ICMPV6)}},
	{"sockets", "socketpair", EAFNOSUPPORT, 0, 0, 0, "family not AF_UNIX",
	 {NOT_IN(0, ALL, AF_UNIX)}},

	MODE("chmod", 0, 1, S_ISUID, "mode with 04000"),
	MODE("fchmod", 0, 1, S_ISUID, "mode with 04000"),
	MODE("fchmodat", 0, 2, S_ISUID, "mode with 04000"),
	MODE("fchmodat2", 452, 2, S_ISUID, "mode with 04000"),
	MODE("creat", 0, 1, SET_ID, "mode with 06000"),
	MODE("mknod", 0, 1, SET_ID, "mode with 06000"),
	MODE("mknodat", 0, 2, SET_ID, "mode with 06000"),
	{"set-id", "open", EPERM, 0, 0, 0,
	 "O_CREAT, O_TMPFILE, mode with 06000",
	 {ANY(1, CREATES), ANY(2, SET_ID)}},
	{"set-id", "openat", EPERM, 0, 0, 0,
	 "O_CREAT, O_TMPFILE, mode with 06000",
	 {ANY(2, CREATES), ANY(3, SET_ID)}},
	/* Its mode is in memory; the C libraries do without it. */
	NOSYS("set-id", "openat2", 437, POLICY_NESTED),

	ONLY('f', "ext4's and others', but to ask, and flags",
	     FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_FIEMAP,
	     FS_IOC_GET_ENCRYPTION_POLICY, FS_IOC_GET_ENCRYPTION_POLICY_EX,
	     FS_IOC_MEASURE_VERITY, PAGEMAP_SCAN_, PROCMAP_QUERY_),
	ONLY('X', "xfs', but FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR",
	     FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR),
	ONLY(0x94, "btrfs', but FICLONE, FICLONERANGE, FIDEDUPERANGE",
	     FICLONE, FICLONERANGE, FIDEDUPERANGE, FS_IOC_GETFSLABEL),
	{"filesystem", "ioctl", ENOTTY, 0, 0, 0,
	 "f2fs', bcachefs', SMB's, Ceph's, ZFS'",
	 {IN(1, 0xff00, 0xf500, 0xbc00, 0xcf00, 0x9700, 0x8300)}},
	{"filesystem", "ioctl", ENOTTY, 0, 0, 0, "ocfs2's",
	 {IN(1, 0xfff0, 'o' << 8)}},

	/*
	 * CVE-2017-5226, CVE-2023-28100: typing into the user's terminal.  The
	 * others would outlive prog there.
	 */
	{"terminal", "ioctl", EPERM, 0, 0, 0,
	 "TIOCSTI, TIOCLINUX, TIOCSETD, TIOCEXCL",
	 {IN(1, ALL, TIOCSTI, TIOCLINUX, TIOCSETD, TIOCEXCL)}},
	{"terminal", "ioctl", EPERM, 0, 0, 0, "TIOCSCTTY with argument 1",
	 {IN(1, ALL, TIOCSCTTY), IN(2, ALL, 1)}},
	/* linux/kd.h, linux/vt.h: commands from before there were sizes */
	{"terminal", "ioctl", EPERM, 0, 0, 0,
	 "KD*, GIO_*, PIO_*: a Linux console's keys and fonts",
	 {IN(1, 0xffffff00, 'K' << 8)}},
	{"terminal", "ioctl", EPERM, 0, 0, 0,
	 "VT_*: which Linux console is shown",
	 {IN(1, 0xffffffe0, 'V' << 8)}},
};
/* clang-format on */
const size_t policy_count = sizeof(policy_rows) / sizeof(*policy_rows);

int
policy_applies(const struct policy_row *row, unsigned relaxed)
{
	return (row->relaxed_by & relaxed) == 0 &&
	       (row->only_with & ~relaxed) == 0;
}

enum policy_arch
policy_arch_native(void)
{
#if defined __x86_64__ && !defined __ILP32__
	return POLICY_X86_64;
#elif defined __aarch64__ && !defined __ILP32__
	return POLICY_AARCH64;
#else
#error "pen knows x86-64 and arm64 only: no policy for this machine"
#endif
}
