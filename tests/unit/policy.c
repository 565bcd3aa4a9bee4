// needs: pen-policy/match
/*
 * Runs the compiled programs, for both machines and each set of relaxations,
 * in a simulator of seccomp's BPF: policy [NAME], all tests or one.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/bpf.h"
#include "lib/policy.h"
#include "pen-policy/match.h"

#define N(a) (sizeof(a) / sizeof(*(a)))
#define REFUSED(e) (SECCOMP_RET_ERRNO | (e))
#define DIRTY 0xdeadbeef00000000ull

static const char *const names[] = {"x86_64", "aarch64"};

static _Noreturn void
fail(const char *what, unsigned a, unsigned set, uint32_t nr, uint32_t got,
     uint32_t want)
{
	printf("%s: %s, relaxations %u, number %u: %#x, wanted %#x\n", what,
	       names[a], set, nr, got, want);
	exit(1);
}

static uint32_t
run(unsigned a, unsigned set, uint32_t arch, uint32_t nr,
    const uint64_t args[6])
{
	struct seccomp_data d = {.nr = (int)nr, .arch = arch};
	int looked;

	memcpy(d.args, args, sizeof(d.args));
	return bpf_simulate(&policy_programs[a][set], &d, &looked);
}

/* What the table says. */
static uint32_t
wanted(unsigned a, unsigned set, uint32_t nr, const uint64_t args[6])
{
	const struct policy_arch_info *info = &policy_archs[a];

	if (nr >= info->first_killed && nr != UINT32_MAX)
		return SECCOMP_RET_KILL_PROCESS;
	if (nr != UINT32_MAX &&
	    (nr > POLICY_CEILING ||
	     (nr >= info->first_hole && nr <= info->last_hole)))
		return REFUSED(ENOSYS);
	for (size_t i = 0; i < policy_count; i++)
		if (policy_numbers[a][i] == (int)nr &&
		    policy_applies(&policy_rows[i], set) &&
		    match_row(&policy_rows[i], args))
			return REFUSED((uint32_t)policy_rows[i].answer);
	return SECCOMP_RET_ALLOW;
}

/* Arguments at which some test changes its mind, and their neighbours. */
static const uint64_t a0[] = {
    0,		1,	    2,		3,	   7,	      8,
    9,		10,	    11,		15,	   16,	      17,
    40,		45,	    46,		0x100,	   0x102,     0x10001,
    0x11,	0x20000,    0x20008,	0x20009,   0x40000,   0x40008,
    0x60008,	0x80,	    0x2000000,	0x4000000, 0x8000000, 0x10000000,
    0x20000000, 0x40000000, 0x80000000, 0x1200011, 0x3d0f00,  0xffffffff,
    0xfffbffff, 0x7fffffff, 0x4200,	0x4204,	   0x4205,    0x4206,
};
static const uint64_t a1[] = {
    0,		1,	    2,		3,	5,	    10,
    0x801,	0x80002,    0x80003,	0x540e, 0x540d,	    0x5412,
    0x5413,	0x541c,	    0x5423,	0x5401, 0x540c,	    0xffffffff,
    01000,	02000,	    04000,	06755,	0100,	    020000000,
    020200000,	0102,	    0x4aff,	0x4b00, 0x4bff,	    0x4c00,
    0x80084b01, 0x55ff,	    0x5600,	0x561f, 0x5620,	    0x6f0f,
    0x6f10,	0xc028660f, 0x80086601, 0x6612, 0x40049409, 0x9408,
    0x801c581f, 0xc0c0586d, 0xf509,	0xf601, 0xbc10,	    0xbb10,
    0x4004cf03, 0x9701,	    0x8301,
};
static const uint64_t a2[] = {
    0,	  1,	     2,		6,     15,    17,      33,
    58,	  132,	     136,	256,   262,   0x10006, 0xffffffff,
    0100, 020000000, 020200000, 01777, 02755, 04755,
};
static const uint64_t a3[] = {0, 0644, 01777, 02000, 04000, 06755, 0xffffffff};

static const struct {
	const uint64_t *values;
	size_t n;
} interesting[] = {{a0, N(a0)}, {a1, N(a1)}, {a2, N(a2)}, {a3, N(a3)}};

/* How many values there are for the argument: one where no row looks at it. */
static size_t
count_values(unsigned a, uint32_t nr, unsigned arg)
{
	for (size_t r = 0; r < policy_count; r++)
		for (size_t t = 0; t < POLICY_TESTS; t++)
			if (policy_numbers[a][r] == (int)nr &&
			    policy_rows[r].tests[t].op != POLICY_ALWAYS &&
			    policy_rows[r].tests[t].arg == arg)
				return interesting[arg].n;
	return 1;
}

static void
check_arguments(unsigned a, unsigned set, uint32_t nr)
{
	uint32_t arch = policy_archs[a].audit;
	size_t counts[N(interesting)], all = 2;

	for (unsigned i = 0; i < N(interesting); i++)
		all *= counts[i] = count_values(a, nr, i);
	for (size_t i = 0; i < all; i++) {
		uint64_t args[6] = {[4] = DIRTY, [5] = DIRTY};
		size_t left = i / 2;
		uint32_t got, want;

		for (unsigned n = 0; n < N(interesting); n++) {
			args[n] = interesting[n].values[left % counts[n]] |
				  (i & 1 ? DIRTY : 0);
			left /= counts[n];
		}
		got = run(a, set, arch, nr, args);
		want = wanted(a, set, nr, args);
		if (got != want) {
			printf("arguments %#llx %#llx %#llx %#llx\n",
			       (unsigned long long)args[0],
			       (unsigned long long)args[1],
			       (unsigned long long)args[2],
			       (unsigned long long)args[3]);
			fail("table", a, set, nr, got, want);
		}
	}
}

/* Every number, and every row with its arguments, clean and dirty. */
static void
test_table(void)
{
	static const uint64_t none[6];

	for (unsigned i = 0; i < POLICY_ARCHES * POLICY_SETS; i++) {
		unsigned a = i / POLICY_SETS, set = i % POLICY_SETS;

		for (uint32_t nr = 0; nr < 1100; nr++) {
			uint32_t got =
			    run(a, set, policy_archs[a].audit, nr, none);

			if (got != wanted(a, set, nr, none))
				fail("number", a, set, nr, got,
				     wanted(a, set, nr, none));
		}
		for (size_t r = 0; r < policy_count; r++) {
			int nr = policy_numbers[a][r];

			if (policy_rows[r].where && nr >= 0)
				check_arguments(a, set, (uint32_t)nr);
		}
	}
}

/* What the table means, by hand: numbers of both machines, with no macros. */
static const struct {
	const char *what;
	int nr[2]; /* -1: has none */
	uint64_t args[4];
	uint32_t want, debug, nested, perf;
} known[] = {
#define ANYWAY(answer) answer, answer, answer, answer
#define P REFUSED(1)
#define S REFUSED(38)
#define F REFUSED(97)
#define T REFUSED(25)
#define OK SECCOMP_RET_ALLOW
    {"ptrace TRACEME", {101, 117}, {0}, P, OK, P, P},
    {"ptrace ATTACH", {101, 117}, {16}, ANYWAY(OK)},
    {"ptrace DETACH", {101, 117}, {17}, ANYWAY(OK)},
    {"ptrace CONT", {101, 117}, {7}, ANYWAY(OK)},
    {"ptrace KILL", {101, 117}, {8}, ANYWAY(OK)},
    {"ptrace GETREGS", {101, 117}, {12}, ANYWAY(OK)},
    {"ptrace GETREGSET", {101, 117}, {0x4204}, ANYWAY(OK)},
    {"ptrace PEEKTEXT", {101, 117}, {1}, P, OK, P, P},
    {"ptrace POKEDATA", {101, 117}, {5}, P, OK, P, P},
    {"ptrace SETREGS", {101, 117}, {13}, P, OK, P, P},
    {"ptrace SETREGSET", {101, 117}, {0x4205}, P, OK, P, P},
    {"ptrace SEIZE", {101, 117}, {0x4206}, P, OK, P, P},
    {"ptrace SYSCALL", {101, 117}, {24}, P, OK, P, P},
    {"ptrace SETOPTIONS", {101, 117}, {0x4200}, P, OK, P, P},
    {"ptrace SECCOMP_GET_FILTER", {101, 117}, {0x420c}, P, OK, P, P},
    {"process_vm_readv", {310, 270}, {0}, P, OK, P, P},
    {"process_vm_writev", {311, 271}, {0}, P, OK, P, P},
    {"process_madvise", {440, 440}, {0}, ANYWAY(P)},
    {"kcmp", {312, 272}, {0}, P, OK, P, P},
    {"pidfd_getfd", {438, 438}, {0}, ANYWAY(P)},
    {"perf_event_open", {298, 241}, {0}, P, P, P, OK},
    {"add_key", {248, 217}, {0}, ANYWAY(P)},
    {"request_key", {249, 218}, {0}, ANYWAY(P)},
    {"keyctl", {250, 219}, {0}, ANYWAY(P)},
    {"mount", {165, 40}, {0}, P, P, OK, P},
    {"umount2", {166, 39}, {0}, P, P, OK, P},
    {"pivot_root", {155, 41}, {0}, P, P, OK, P},
    {"chroot", {161, 51}, {0}, P, P, OK, P},
    {"fchroot", {472, 472}, {0}, P, P, OK, P},
    {"open_tree", {428, 428}, {0}, S, S, OK, S},
    {"move_mount", {429, 429}, {0}, S, S, OK, S},
    {"fsopen", {430, 430}, {0}, S, S, OK, S},
    {"fsconfig", {431, 431}, {0}, S, S, OK, S},
    {"fsmount", {432, 432}, {0}, S, S, OK, S},
    {"fspick", {433, 433}, {0}, S, S, OK, S},
    {"mount_setattr", {442, 442}, {0}, S, S, OK, S},
    {"open_tree_attr", {467, 467}, {0}, S, S, OK, S},
    {"unshare", {272, 97}, {0}, P, P, OK, P},
    {"setns", {308, 268}, {0}, P, P, OK, P},
    {"clone, a thread", {56, 220}, {0x3d0f00}, ANYWAY(OK)},
    {"clone, a process", {56, 220}, {0x1200011}, ANYWAY(OK)},
    {"clone NEWUSER", {56, 220}, {0x10000011}, P, P, OK, P},
    {"clone NEWNS, dirty", {56, 220}, {DIRTY | 0x20011}, P, P, OK, P},
    {"clone NEWCGROUP", {56, 220}, {0x2000011}, P, P, OK, P},
    {"clone NEWUTS", {56, 220}, {0x4000011}, P, P, OK, P},
    {"clone NEWIPC", {56, 220}, {0x8000011}, P, P, OK, P},
    {"clone NEWPID", {56, 220}, {0x20000011}, P, P, OK, P},
    {"clone NEWNET", {56, 220}, {0x40000011}, P, P, OK, P},
    {"clone3", {435, 435}, {0}, ANYWAY(S)},
    {"bpf", {321, 280}, {0}, ANYWAY(P)},
    {"init_module", {175, 105}, {0}, ANYWAY(P)},
    {"finit_module", {313, 273}, {0}, ANYWAY(P)},
    {"delete_module", {176, 106}, {0}, ANYWAY(P)},
    {"kexec_load", {246, 104}, {0}, ANYWAY(P)},
    {"kexec_file_load", {320, 294}, {0}, ANYWAY(P)},
    {"reboot", {169, 142}, {0}, ANYWAY(P)},
    {"swapon", {167, 224}, {0}, ANYWAY(P)},
    {"swapoff", {168, 225}, {0}, ANYWAY(P)},
    {"acct", {163, 89}, {0}, ANYWAY(P)},
    {"quotactl", {179, 60}, {0}, ANYWAY(P)},
    {"quotactl_fd", {443, 443}, {0}, ANYWAY(P)},
    {"syslog", {103, 116}, {0}, ANYWAY(P)},
    {"iopl", {172, -1}, {0}, ANYWAY(P)},
    {"ioperm", {173, -1}, {0}, ANYWAY(P)},
    {"uselib", {134, -1}, {0}, ANYWAY(P)},
    {"vhangup", {153, 58}, {0}, ANYWAY(P)},
    {"settimeofday", {164, 170}, {0}, ANYWAY(P)},
    {"clock_settime", {227, 112}, {0}, ANYWAY(P)},
    {"clock_adjtime", {305, 266}, {0}, ANYWAY(P)},
    {"adjtimex", {159, 171}, {0}, ANYWAY(P)},
    {"sethostname", {170, 161}, {0}, P, P, OK, P},
    {"setdomainname", {171, 162}, {0}, P, P, OK, P},
    {"io_uring_setup", {425, 425}, {0}, ANYWAY(S)},
    {"io_uring_enter", {426, 426}, {0}, ANYWAY(S)},
    {"io_uring_register", {427, 427}, {0}, ANYWAY(S)},
    {"userfaultfd", {323, 282}, {0}, ANYWAY(P)},
    {"open_by_handle_at", {304, 265}, {0}, ANYWAY(P)},
    {"name_to_handle_at", {303, 264}, {0}, ANYWAY(P)},
    {"fanotify_init", {300, 262}, {0}, ANYWAY(P)},
    {"move_pages", {279, 239}, {0}, ANYWAY(P)},
    {"migrate_pages", {256, 238}, {0}, ANYWAY(P)},
    {"mbind", {237, 235}, {0}, ANYWAY(P)},
    {"set_mempolicy", {238, 237}, {0}, ANYWAY(P)},
    {"set_mempolicy_home_node", {450, 450}, {0}, ANYWAY(P)},
    {"modify_ldt", {154, -1}, {0}, ANYWAY(P)},
    {"statmount", {457, 457}, {0}, ANYWAY(S)},
    {"listmount", {458, 458}, {0}, ANYWAY(S)},
    {"lsm_set_self_attr", {460, 460}, {0}, ANYWAY(S)},
    {"memfd_secret", {447, 447}, {0}, ANYWAY(S)},
    {"personality, query", {135, 92}, {0xffffffff}, ANYWAY(OK)},
    {"personality, -1", {135, 92}, {UINT64_MAX}, ANYWAY(OK)},
    {"personality, Linux32", {135, 92}, {8}, ANYWAY(OK)},
    {"personality, Linux32 UNAME26", {135, 92}, {0x20008}, ANYWAY(OK)},
    {"personality, no ASLR", {135, 92}, {0x40000}, P, OK, P, P},
    {"personality, executable reads", {135, 92}, {0x400000}, ANYWAY(P)},
    {"personality, both", {135, 92}, {0x440000}, ANYWAY(P)},
    {"socket, Unix", {41, 198}, {1, 0x80001, 0}, ANYWAY(OK)},
    {"socket, TCP", {41, 198}, {2, 0x801, 6}, ANYWAY(OK)},
    {"socket, TCP over IPv6", {41, 198}, {10, 1, 0}, ANYWAY(OK)},
    {"socket, UDP, dirty",
     {41, 198},
     {DIRTY | 2, DIRTY | 2, DIRTY | 17},
     ANYWAY(OK)},
    {"socket, ping", {41, 198}, {2, 2, 1}, ANYWAY(OK)},
    {"socket, ping over IPv6", {41, 198}, {10, 2, 58}, ANYWAY(OK)},
    {"socket, routes", {41, 198}, {16, 0x80003, 0}, ANYWAY(OK)},
    {"socket, audit", {41, 198}, {16, 3, 9}, ANYWAY(F)},
    {"socket, nftables, dirty",
     {41, 198},
     {DIRTY | 16, 3, DIRTY | 12},
     ANYWAY(F)},
    {"socket, AX.25", {41, 198}, {3, 1, 0}, ANYWAY(F)},
    {"socket, packets", {41, 198}, {17, 3, 0}, ANYWAY(F)},
    {"socket, crypto, dirty", {41, 198}, {DIRTY | 38, 5, 0}, ANYWAY(F)},
    {"socket, vsock", {41, 198}, {40, 1, 0}, ANYWAY(F)},
    {"socket, a family to come", {41, 198}, {46, 1, 0}, ANYWAY(F)},
    {"socket, -1", {41, 198}, {UINT64_MAX, 1, 0}, ANYWAY(F)},
    {"socket, raw", {41, 198}, {2, 3, 255}, ANYWAY(P)},
    {"socket, raw with flags, dirty",
     {41, 198},
     {DIRTY | 10, 0x80803, 58},
     ANYWAY(P)},
    {"socket, SOCK_PACKET", {41, 198}, {2, 10, 0}, ANYWAY(P)},
    {"socket, SCTP", {41, 198}, {2, 5, 132}, ANYWAY(P)},
    {"socket, SCTP by protocol", {41, 198}, {2, 1, 132}, ANYWAY(P)},
    {"socket, DCCP", {41, 198}, {2, 6, 33}, ANYWAY(P)},
    {"socket, UDPLITE", {41, 198}, {10, 2, 136}, ANYWAY(P)},
    {"socket, MPTCP", {41, 198}, {2, 1, 262}, ANYWAY(P)},
    {"socket, SMC", {41, 198}, {2, 1, 256}, ANYWAY(P)},
    {"socketpair, Unix", {53, 199}, {1, 1, 0}, ANYWAY(OK)},
    {"socketpair, TIPC", {53, 199}, {30, 1, 0}, ANYWAY(F)},
    {"ioctl TCGETS", {16, 29}, {0, 0x5401, 0}, ANYWAY(OK)},
    {"ioctl TIOCSTI", {16, 29}, {0, 0x5412, 0}, ANYWAY(P)},
    {"ioctl TIOCSTI, dirty", {16, 29}, {0, DIRTY | 0x5412, 0}, ANYWAY(P)},
    {"ioctl TIOCLINUX, dirty", {16, 29}, {0, DIRTY | 0x541c, 0}, ANYWAY(P)},
    {"ioctl TIOCSETD", {16, 29}, {0, 0x5423, 0}, ANYWAY(P)},
    {"ioctl TIOCSCTTY", {16, 29}, {0, 0x540e, 0}, ANYWAY(OK)},
    {"ioctl TIOCSCTTY, steal", {16, 29}, {0, 0x540e, 1}, ANYWAY(P)},
    {"ioctl TIOCSCTTY, steal, dirty",
     {16, 29},
     {0, DIRTY | 0x540e, DIRTY | 1},
     ANYWAY(P)},
    {"seccomp", {317, 277}, {0}, ANYWAY(OK)},
    {"landlock_create_ruleset", {444, 444}, {0}, ANYWAY(OK)},
    {"setsockopt", {54, 208}, {0}, ANYWAY(OK)},
    {"mseal", {462, 462}, {0}, ANYWAY(OK)},
    {"file_setattr", {469, 469}, {0}, ANYWAY(OK)},
    {"listns", {470, 470}, {0}, ANYWAY(S)},
    {"rseq_slice_yield", {471, 471}, {0}, ANYWAY(OK)},
    {"473, not reviewed", {473, 473}, {0}, ANYWAY(S)},
    {"setxattrat", {463, 463}, {0}, ANYWAY(OK)},
    {"chmod", {90, -1}, {0, 01777}, ANYWAY(OK)},
    {"chmod, set-group-ID", {90, -1}, {0, 02775}, ANYWAY(OK)},
    {"chmod, set-user-ID, dirty", {90, -1}, {0, DIRTY | 04000}, ANYWAY(P)},
    {"fchmod, set-user-ID", {91, 52}, {3, 04755}, ANYWAY(P)},
    {"fchmodat, set-user-ID", {268, 53}, {3, 0, 04755}, ANYWAY(P)},
    {"fchmodat, set-group-ID", {268, 53}, {3, 0, 02755}, ANYWAY(OK)},
    {"fchmodat2, set-user-ID", {452, 452}, {3, 0, 06755, 0}, ANYWAY(P)},
    {"fchmodat2", {452, 452}, {3, 0, 0755, 0x100}, ANYWAY(OK)},
    {"creat", {85, -1}, {0, 0666}, ANYWAY(OK)},
    {"creat, set-group-ID", {85, -1}, {0, 02755}, ANYWAY(P)},
    {"mknod, set-user-ID", {133, -1}, {0, 0104755}, ANYWAY(P)},
    {"mknod, set-group-ID", {133, -1}, {0, 0102755}, ANYWAY(P)},
    {"mknodat", {259, 33}, {3, 0, 0100644}, ANYWAY(OK)},
    {"mknodat, set-user-ID", {259, 33}, {3, 0, 0104755}, ANYWAY(P)},
    {"open, to read", {2, -1}, {0, 0, 07777}, ANYWAY(OK)},
    {"open, O_CREAT", {2, -1}, {0, 0101, 0666}, ANYWAY(OK)},
    {"open, O_CREAT, set-user-ID", {2, -1}, {0, 0101, 04755}, ANYWAY(P)},
    {"openat, to read", {257, 56}, {3, 0, 02000000, 06000}, ANYWAY(OK)},
    {"openat, O_CREAT", {257, 56}, {3, 0, 0101, 01666}, ANYWAY(OK)},
    {"openat, O_CREAT, set-user-ID, dirty",
     {257, 56},
     {3, 0, DIRTY | 0101, DIRTY | 04700},
     ANYWAY(P)},
    {"openat, O_CREAT, set-group-ID",
     {257, 56},
     {3, 0, 0101, 02000},
     ANYWAY(P)},
    {"openat, O_TMPFILE, set-user-ID",
     {257, 56},
     {3, 0, 020200002, 04700},
     ANYWAY(P)},
    {"openat2", {437, 437}, {0}, S, S, OK, S},
    {"mkdir, which drops the bits", {83, -1}, {0, 06755}, ANYWAY(OK)},
    {"ioctl TIOCEXCL", {16, 29}, {0, 0x540c}, ANYWAY(P)},
    {"ioctl TIOCNXCL", {16, 29}, {0, 0x540d}, ANYWAY(OK)},
    {"ioctl TIOCSPGRP", {16, 29}, {0, 0x5410}, ANYWAY(OK)},
    {"ioctl TIOCSWINSZ", {16, 29}, {0, 0x5414}, ANYWAY(OK)},
    {"ioctl FIOASYNC", {16, 29}, {0, 0x5452}, ANYWAY(OK)},
    {"ioctl KIOCSOUND", {16, 29}, {0, 0x4b2f}, ANYWAY(P)},
    {"ioctl KDSETMODE, dirty", {16, 29}, {0, DIRTY | 0x4b3a}, ANYWAY(P)},
    {"ioctl KDSKBMODE", {16, 29}, {0, 0x4b45}, ANYWAY(P)},
    {"ioctl PIO_FONT", {16, 29}, {0, 0x4b61}, ANYWAY(P)},
    {"ioctl KDSKBDIACRUC", {16, 29}, {0, 0x4bfb}, ANYWAY(P)},
    {"ioctl VT_ACTIVATE", {16, 29}, {0, 0x5606}, ANYWAY(P)},
    {"ioctl VT_SETMODE", {16, 29}, {0, 0x5602}, ANYWAY(P)},
    {"ioctl VT_RESIZEX", {16, 29}, {0, 0x560a}, ANYWAY(P)},
    {"ioctl VIDIOC_QUERYCAP", {16, 29}, {0, 0x80685600}, ANYWAY(OK)},
    {"ioctl of an AMD GPU's kfd", {16, 29}, {0, 0x80084b01}, ANYWAY(OK)},
    {"ioctl DRM_IOCTL_VERSION", {16, 29}, {0, 0xc0406400}, ANYWAY(OK)},
    {"ioctl TUNSETIFF", {16, 29}, {0, 0x400454ca}, ANYWAY(OK)},
    {"ioctl KVM_RUN", {16, 29}, {0, 0xae80}, ANYWAY(OK)},
    {"ioctl FIGETBSZ", {16, 29}, {0, 2}, ANYWAY(OK)},
    {"ioctl FS_IOC_GETFLAGS", {16, 29}, {0, 0x80086601}, ANYWAY(OK)},
    {"ioctl FS_IOC_SETFLAGS", {16, 29}, {0, 0x40086602}, ANYWAY(OK)},
    {"ioctl FIEMAP", {16, 29}, {0, 0xc020660b}, ANYWAY(OK)},
    {"ioctl PROCMAP_QUERY", {16, 29}, {0, 0xc0686611}, ANYWAY(OK)},
    {"ioctl EXT4_IOC_MOVE_EXT", {16, 29}, {0, 0xc028660f}, ANYWAY(T)},
    {"ioctl EXT4_IOC_MOVE_EXT, dirty",
     {16, 29},
     {0, DIRTY | 0xc028660f},
     ANYWAY(T)},
    {"ioctl EXT4_IOC_SWAP_BOOT", {16, 29}, {0, 0x6611}, ANYWAY(T)},
    {"ioctl FS_IOC_ENABLE_VERITY", {16, 29}, {0, 0x40806685}, ANYWAY(T)},
    {"ioctl FS_IOC_ADD_ENCRYPTION_KEY", {16, 29}, {0, 0xc0506617}, ANYWAY(T)},
    {"ioctl FS_IOC_FSSETXATTR", {16, 29}, {0, 0x401c5820}, ANYWAY(OK)},
    {"ioctl XFS_IOC_SWAPEXT", {16, 29}, {0, 0xc0c0586d}, ANYWAY(T)},
    {"ioctl XFS_IOC_EXCHANGE_RANGE", {16, 29}, {0, 0x40285881}, ANYWAY(T)},
    {"ioctl XFS_IOC_COMMIT_RANGE", {16, 29}, {0, 0x40585883}, ANYWAY(T)},
    {"ioctl FICLONE", {16, 29}, {0, 0x40049409}, ANYWAY(OK)},
    {"ioctl FICLONERANGE", {16, 29}, {0, 0x4020940d}, ANYWAY(OK)},
    {"ioctl FIDEDUPERANGE", {16, 29}, {0, 0xc0189436}, ANYWAY(OK)},
    {"ioctl BTRFS_IOC_SNAP_CREATE", {16, 29}, {0, 0x50009401}, ANYWAY(T)},
    {"ioctl BTRFS_IOC_SNAP_CREATE_V2", {16, 29}, {0, 0x50009417}, ANYWAY(T)},
    {"ioctl BTRFS_IOC_SUBVOL_CREATE", {16, 29}, {0, 0x5000940e}, ANYWAY(T)},
    {"ioctl BTRFS_IOC_SUBVOL_SETFLAGS", {16, 29}, {0, 0x4008941a}, ANYWAY(T)},
    {"ioctl F2FS_IOC_MOVE_RANGE", {16, 29}, {0, 0xc020f509}, ANYWAY(T)},
    {"ioctl F2FS_IOC_SEC_TRIM_FILE", {16, 29}, {0, 0x4018f514}, ANYWAY(T)},
    {"ioctl OCFS2_IOC_MOVE_EXT", {16, 29}, {0, 0x40286f06}, ANYWAY(T)},
    {"ioctl CIFS_IOC_COPYCHUNK_FILE", {16, 29}, {0, 0x4004cf03}, ANYWAY(T)},
    {"ioctl BCH_IOCTL_SUBVOLUME_CREATE", {16, 29}, {0, 0x4020bc10}, ANYWAY(T)},
    {"in the hole", {400, 400}, {0}, ANYWAY(S)},
    {"x32's own execve", {520, 520}, {0}, ANYWAY(S)},
};

static void
test_known(void)
{
	for (size_t i = 0; i < N(known); i++)
		for (unsigned a = 0; a < POLICY_ARCHES; a++) {
			uint32_t arch = policy_archs[a].audit;
			uint32_t nr = (uint32_t)known[i].nr[a];
			uint64_t args[6] = {known[i].args[0], known[i].args[1],
					    known[i].args[2], known[i].args[3]};
			const uint32_t want[] = {
			    [0] = known[i].want,
			    [POLICY_DEBUG] = known[i].debug,
			    [POLICY_NESTED] = known[i].nested,
			    [POLICY_PERF] = known[i].perf,
			};

			for (unsigned set = 0; set < N(want); set++) {
				uint32_t got = run(a, set, arch, nr, args);

				if (set == (POLICY_DEBUG | POLICY_NESTED) ||
				    known[i].nr[a] < 0 || got == want[set])
					continue;
				fail(known[i].what, a, set, nr, got, want[set]);
			}
		}
}

/* Another ABI's call is the end of the process, whatever number it has. */
static void
test_foreign(void)
{
	static const uint32_t foreign[] = {
	    AUDIT_ARCH_I386,
	    AUDIT_ARCH_ARM,
	    AUDIT_ARCH_ARMEB,
	    AUDIT_ARCH_RISCV64,
	    0,
	    UINT32_MAX,
	};
	static const uint64_t none[6];

	for (unsigned i = 0; i < POLICY_ARCHES * POLICY_SETS; i++) {
		unsigned a = i / POLICY_SETS, set = i % POLICY_SETS;

		for (uint32_t nr = 0; nr < 600; nr++) {
			uint32_t other = policy_archs[!a].audit, got;

			for (size_t f = 0; f <= N(foreign); f++) {
				got = run(a, set,
					  f < N(foreign) ? foreign[f] : other,
					  nr, none);
				if (got != SECCOMP_RET_KILL_PROCESS)
					fail("foreign", a, set, nr, got,
					     SECCOMP_RET_KILL_PROCESS);
			}
			if (a != POLICY_X86_64)
				continue;
			got = run(a, set, policy_archs[a].audit,
				  nr | 0x40000000, none);
			if (got != SECCOMP_RET_KILL_PROCESS)
				fail("x32", a, set, nr, got,
				     SECCOMP_RET_KILL_PROCESS);
		}
	}
}

/*
 * Only the calls with tests are run for their arguments; of all others the
 * kernel's bitmap knows the answer by number.
 */
static void
test_bitmap(void)
{
	for (unsigned a = 0; a < POLICY_ARCHES; a++)
		for (uint32_t nr = 0; nr < 512; nr++) {
			struct seccomp_data d = {.nr = (int)nr,
						 .arch = policy_archs[a].audit};
			int looked = 0, tested = 0;

			bpf_simulate(&policy_programs[a][0], &d, &looked);
			for (size_t r = 0; r < policy_count; r++)
				tested |= policy_numbers[a][r] == (int)nr &&
					  policy_rows[r].where;
			if (looked != tested)
				fail("bitmap", a, 0, nr, (uint32_t)looked,
				     (uint32_t)tested);
		}
}

/* A test is written in words too, and refuses nothing twice differently. */
static void
test_rows(void)
{
	for (size_t i = 0; i < policy_count; i++) {
		const struct policy_row *r = &policy_rows[i];

		if (!r->where != (r->tests[0].op == POLICY_ALWAYS) ||
		    (policy_numbers[0][i] < 0 && policy_numbers[1][i] < 0)) {
			printf("row %zu, %s\n", i, r->syscall);
			exit(1);
		}
	}
}

static const struct {
	const char *name;
	void (*fn)(void);
} tests[] = {
    {"table", test_table},   {"known", test_known}, {"foreign", test_foreign},
    {"bitmap", test_bitmap}, {"rows", test_rows},
};

int
main(int argc, char **argv)
{
	int ran = 0;

	for (size_t i = 0; i < N(tests); i++) {
		if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)
			continue;
		tests[i].fn();
		ran++;
	}
	return ran == 0;
}
