// needs: pen-filter/policy pen-filter/programs
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

#include "pen-filter/policy.h"
#include "pen-filter/program.h"

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
word(const struct seccomp_data *d, uint32_t offset)
{
	uint32_t w;

	if (offset % 4 || offset > sizeof(*d) - 4) {
		printf("load at %u\n", offset);
		exit(1);
	}
	memcpy(&w, (const char *)d + offset, sizeof(w));
	return w;
}

/*
 * What the kernel's interpreter would return; *looked is set when an argument
 * was read.  Jumps go forward only, so it ends.
 */
static uint32_t
simulate(const struct sock_fprog *p, const struct seccomp_data *d, int *looked)
{
	uint32_t acc = 0;

	for (unsigned i = 0; i < p->len; i++) {
		const struct sock_filter *f = &p->filter[i];
		int yes = 0;

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			acc = word(d, f->k);
			if (f->k >= offsetof(struct seccomp_data, args))
				*looked = 1;
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			acc &= f->k;
			continue;
		case BPF_RET | BPF_K:
			return f->k;
		case BPF_JMP | BPF_JA:
			i += f->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = acc == f->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = acc > f->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = acc >= f->k;
			break;
		default:
			printf("instruction %u: code %#x\n", i, f->code);
			exit(1);
		}
		i += yes ? f->jt : f->jf;
	}
	printf("ran off the end\n");
	exit(1);
}

static uint32_t
run(unsigned a, unsigned set, uint32_t arch, uint32_t nr,
    const uint64_t args[6])
{
	struct seccomp_data d = {.nr = (int)nr, .arch = arch};
	int looked;

	memcpy(d.args, args, sizeof(d.args));
	return simulate(&programs[a][set], &d, &looked);
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
		if (program_numbers[a][i] == (int)nr &&
		    policy_applies(&policy_rows[i], set) &&
		    policy_refuses(&policy_rows[i], args))
			return REFUSED((uint32_t)policy_rows[i].answer);
	return SECCOMP_RET_ALLOW;
}

/* Arguments at which some test changes its mind, and their neighbours. */
static const uint64_t a0[] = {
	0, 1, 2, 3, 7, 8, 9, 10, 11, 15, 16, 17, 40, 45, 46, 0x100, 0x102,
	0x10001, 0x11, 0x20000, 0x20008, 0x20009, 0x40000, 0x40008, 0x60008,
	0x80, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000,
	0x40000000, 0x80000000, 0x1200011, 0x3d0f00, 0xffffffff, 0xfffbffff,
	0x7fffffff,
};
static const uint64_t a1[] = {
	0, 1, 2, 3, 5, 10, 0x801, 0x80002, 0x80003, 0x540e, 0x540d, 0x5412,
	0x5413, 0x541c, 0x5423, 0x5401, 0xffffffff,
};
static const uint64_t a2[] = {0, 1, 2, 6, 15, 17, 33, 58, 132, 136, 256, 262,
			      0x10006, 0xffffffff};

static void
check_arguments(unsigned a, unsigned set, uint32_t nr)
{
	uint32_t arch = policy_archs[a].audit;

	for (size_t i = 0; i < N(a0) * N(a1) * N(a2) * 2; i++) {
		uint64_t dirty = i & 1 ? DIRTY : 0;
		uint64_t args[6] = {
			a0[i / 2 % N(a0)] | dirty,
			a1[i / 2 / N(a0) % N(a1)] | dirty,
			a2[i / 2 / N(a0) / N(a1)] | dirty,
			DIRTY,
			DIRTY,
			DIRTY,
		};
		uint32_t got = run(a, set, arch, nr, args);
		uint32_t want = wanted(a, set, nr, args);

		if (got != want) {
			printf("arguments %#llx %#llx %#llx\n",
			       (unsigned long long)args[0],
			       (unsigned long long)args[1],
			       (unsigned long long)args[2]);
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
			uint32_t got = run(a, set, policy_archs[a].audit, nr,
					   none);

			if (got != wanted(a, set, nr, none))
				fail("number", a, set, nr, got,
				     wanted(a, set, nr, none));
		}
		for (size_t r = 0; r < policy_count; r++) {
			int nr = program_numbers[a][r];

			if (policy_rows[r].where && nr >= 0)
				check_arguments(a, set, (uint32_t)nr);
		}
	}
}

/* What the table means, by hand: numbers of both machines, with no macros. */
static const struct {
	const char *what;
	int nr[2]; /* -1: has none */
	uint64_t args[3];
	uint32_t want, debug, nested, perf;
} known[] = {
#define ANYWAY(answer) answer, answer, answer, answer
#define P REFUSED(1)
#define S REFUSED(38)
#define F REFUSED(97)
#define OK SECCOMP_RET_ALLOW
	{"ptrace", {101, 117}, {0}, P, OK, P, P},
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
	{"socket, UDP, dirty", {41, 198}, {DIRTY | 2, DIRTY | 2, DIRTY | 17},
	 ANYWAY(OK)},
	{"socket, ping", {41, 198}, {2, 2, 1}, ANYWAY(OK)},
	{"socket, ping over IPv6", {41, 198}, {10, 2, 58}, ANYWAY(OK)},
	{"socket, routes", {41, 198}, {16, 0x80003, 0}, ANYWAY(OK)},
	{"socket, audit", {41, 198}, {16, 3, 9}, ANYWAY(F)},
	{"socket, nftables, dirty", {41, 198}, {DIRTY | 16, 3, DIRTY | 12},
	 ANYWAY(F)},
	{"socket, AX.25", {41, 198}, {3, 1, 0}, ANYWAY(F)},
	{"socket, packets", {41, 198}, {17, 3, 0}, ANYWAY(F)},
	{"socket, crypto, dirty", {41, 198}, {DIRTY | 38, 5, 0}, ANYWAY(F)},
	{"socket, vsock", {41, 198}, {40, 1, 0}, ANYWAY(F)},
	{"socket, a family to come", {41, 198}, {46, 1, 0}, ANYWAY(F)},
	{"socket, -1", {41, 198}, {UINT64_MAX, 1, 0}, ANYWAY(F)},
	{"socket, raw", {41, 198}, {2, 3, 255}, ANYWAY(P)},
	{"socket, raw with flags, dirty", {41, 198}, {DIRTY | 10, 0x80803, 58},
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
	{"ioctl TIOCSCTTY, steal, dirty", {16, 29},
	 {0, DIRTY | 0x540e, DIRTY | 1}, ANYWAY(P)},
	{"seccomp", {317, 277}, {0}, ANYWAY(OK)},
	{"landlock_create_ruleset", {444, 444}, {0}, ANYWAY(OK)},
	{"setsockopt", {54, 208}, {0}, ANYWAY(OK)},
	{"mseal", {462, 462}, {0}, ANYWAY(OK)},
	{"file_setattr", {469, 469}, {0}, ANYWAY(OK)},
	{"listns, not reviewed", {470, 470}, {0}, ANYWAY(S)},
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
					    known[i].args[2]};
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
		AUDIT_ARCH_I386, AUDIT_ARCH_ARM, AUDIT_ARCH_ARMEB,
		AUDIT_ARCH_RISCV64, 0, UINT32_MAX,
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

			simulate(&programs[a][0], &d, &looked);
			for (size_t r = 0; r < policy_count; r++)
				tested |= program_numbers[a][r] == (int)nr &&
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
		    (program_numbers[0][i] < 0 && program_numbers[1][i] < 0)) {
			printf("row %zu, %s\n", i, r->syscall);
			exit(1);
		}
	}
}

static const struct {
	const char *name;
	void (*fn)(void);
} tests[] = {
	{"table", test_table},	   {"known", test_known},
	{"foreign", test_foreign}, {"bitmap", test_bitmap},
	{"rows", test_rows},
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
