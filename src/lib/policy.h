/*
 * policy: which system calls prog may not make, as a table.  Pure; the
 * generator compiles it, pen-policy prints it, the unit test simulates it.
 *
 * What no row refuses is allowed, with two exceptions that are not rows: every
 * other ABI of the machine kills the process, and numbers that nobody had
 * reviewed when this was written are ENOSYS, because a list of what is refused
 * misses what was invented after it.
 */
#ifndef PEN_POLICY_H
#define PEN_POLICY_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

enum policy_arch { POLICY_X86_64, POLICY_AARCH64, POLICY_ARCHES };

/* Relaxations, a set of bits. */
enum {
	POLICY_DEBUG = 1,
	POLICY_NESTED = 2,
	POLICY_PERF = 4,
	POLICY_SETS = 8, /* how many different sets there are */
};

/* fchroot, the newest of Linux 7.3; the same on every architecture. */
#define POLICY_CEILING 472

struct policy_arch_info {
	const char *name;      /* as uname -m has it */
	uint32_t audit;	       /* AUDIT_ARCH_* */
	unsigned first_hole;   /* from here … */
	unsigned last_hole;    /* … to here no number was given out */
	uint32_t first_killed; /* from here on the numbers are x32's */
	const char *killed;    /* its kernel's other ABIs, for pen-policy */
};
extern const struct policy_arch_info policy_archs[POLICY_ARCHES];

enum policy_op {
	POLICY_ALWAYS, /* no test */
	POLICY_IN,     /* the argument under the mask is one of the values */
	POLICY_NOT_IN, /* … is none of them */
	POLICY_ANY,    /* … is not 0 */
};

/*
 * A test looks at the low 32 bits of an argument: the kernel takes commands,
 * flags, families and personalities as int, and what is in the other half of
 * the register does not reach it.
 */
struct policy_test {
	enum policy_op op;
	unsigned arg;
	uint32_t mask;
	size_t count;
	uint32_t values[8];
};

#define POLICY_TESTS 2

struct policy_row {
	const char *group;
	const char *syscall;
	int answer;	     /* errno */
	int number;	     /* where libseccomp 2.5.0 lacks the name, or 0 */
	unsigned relaxed_by; /* not part of the policy with any of these */
	unsigned only_with;  /* part of it with all of these only */
	const char *where;   /* the tests in words; NULL: always */
	struct policy_test tests[POLICY_TESTS];
};
extern const struct policy_row policy_rows[];
extern const size_t policy_count;

/* Whether the row is part of the policy with this set of relaxations. */
int policy_applies(const struct policy_row *row, unsigned relaxed);

/* The architecture that this program was compiled for. */
enum policy_arch policy_arch_native(void);

/*
 * The policy compiled to BPF, for each architecture and each set of
 * relaxations; and for each of its rows the call's number, or -1 where the
 * machine has none.  Written by gen/mkprograms when pen is built.
 */
extern const struct sock_fprog policy_programs[POLICY_ARCHES][POLICY_SETS];
extern const int *const policy_numbers[POLICY_ARCHES];

#endif
