/*
 * mkprograms: compiles the policy with libseccomp and writes programs.c to
 * stdout.  It runs when pen is built, never afterwards.
 *
 * libseccomp compares 64-bit arguments with single values; a rule of it knows
 * one comparison for each argument.  So a test becomes a list of cubes, pairs
 * of mask and value that between them match what the test matches, and a row
 * of the policy one rule for each combination of its tests' cubes.
 */
#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-filter/policy.h"

static const uint32_t tokens[] = {
	[POLICY_X86_64] = SCMP_ARCH_X86_64,
	[POLICY_AARCH64] = SCMP_ARCH_AARCH64,
};

/* The most that one test becomes; personality is 100. */
#define CUBES_MAX 256

struct cubes {
	size_t n;
	struct {
		uint32_t mask, value;
	} v[CUBES_MAX];
};

static void
add(struct cubes *c, uint32_t mask, uint32_t value)
{
	if (c->n == CUBES_MAX)
		die(ERR_TOOL, "a test needs more than %d cubes", CUBES_MAX);
	c->v[c->n].mask = mask;
	c->v[c->n++].value = value;
}

/*
 * Everything that begins, from the highest bit down, with value under mask and
 * is none of t's values: all of it if no value begins so, else its two halves.
 */
static void
add_others(struct cubes *c, const struct policy_test *t, uint32_t mask,
	   uint32_t value)
{
	uint32_t rest = t->mask & ~mask, bit = 1u << 31;
	int begins = 0;

	for (size_t i = 0; i < t->count; i++)
		begins |= (t->values[i] & mask) == value;
	if (!begins) {
		add(c, mask, value);
		return;
	}
	if (rest == 0)
		return;
	while ((rest & bit) == 0)
		bit >>= 1;
	add_others(c, t, mask | bit, value);
	add_others(c, t, mask | bit, value | bit);
}

static struct cubes
cubes_of(const struct policy_test *t)
{
	struct cubes c = {0};

	switch (t->op) {
	case POLICY_ALWAYS:
		add(&c, 0, 0);
		break;
	case POLICY_IN:
		for (size_t i = 0; i < t->count; i++)
			add(&c, t->mask, t->values[i]);
		break;
	case POLICY_NOT_IN:
		add_others(&c, t, 0, 0);
		break;
	case POLICY_ANY:
		for (unsigned i = 0; i < 32; i++)
			if (t->mask >> i & 1)
				add(&c, 1u << i, 1u << i);
		break;
	}
	return c;
}

/* The number of the row's system call, or -1 where the machine has none. */
static int
number_of(const struct policy_row *row, enum policy_arch arch)
{
	int n = seccomp_syscall_resolve_name_arch(tokens[arch], row->syscall);

	if (n == __NR_SCMP_ERROR && row->number)
		return row->number;
	if (n == __NR_SCMP_ERROR)
		die(ERR_TOOL, "libseccomp does not know '%s'", row->syscall);
	if (row->number && n != row->number)
		die(ERR_TOOL, "'%s' is %d, not %d", row->syscall, n,
		    row->number);
	return n < 0 ? -1 : n;
}

/* libseccomp takes the number of this machine and translates it itself. */
static void
add_row(scmp_filter_ctx ctx, const struct policy_row *row)
{
	int number = seccomp_syscall_resolve_name(row->syscall);
	const struct policy_test *t = row->tests;
	struct cubes a = cubes_of(&t[0]), b = cubes_of(&t[1]);
	int r = 0;

	for (size_t i = 0; i < a.n && r == 0; i++)
		for (size_t j = 0; j < b.n && r == 0; j++) {
			struct scmp_arg_cmp cmp[2] = {
				{t[0].arg, SCMP_CMP_MASKED_EQ, a.v[i].mask,
				 a.v[i].value},
				{t[1].arg, SCMP_CMP_MASKED_EQ, b.v[j].mask,
				 b.v[j].value},
			};
			unsigned n = (t[0].op != POLICY_ALWAYS) +
				     (t[1].op != POLICY_ALWAYS);

			r = seccomp_rule_add_exact_array(
				ctx, SCMP_ACT_ERRNO((uint32_t)row->answer),
				number, n, cmp);
		}
	if (r < 0) {
		errno = -r;
		die(ERR_TOOL, "cannot add a rule for '%s': %m", row->syscall);
	}
}

/* What libseccomp makes of the rows, in a buffer that the caller frees. */
static struct sock_filter *
compile(enum policy_arch arch, unsigned relaxed, size_t *n)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	FILE *f = tmpfile();
	char *code;

	if (!ctx || !f)
		die(ERR_TOOL, "cannot start: %m");
	if (tokens[arch] != seccomp_arch_native() &&
	    (seccomp_arch_add(ctx, tokens[arch]) < 0 ||
	     seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE) < 0))
		die(ERR_TOOL, "libseccomp lacks %s", policy_archs[arch].name);
	/* Level 2 sorts numbers into a tree: every call passes this way. */
	if (seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
			     SCMP_ACT_KILL_PROCESS) < 0 ||
	    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0)
		die(ERR_TOOL, "libseccomp is too old: 2.5 is needed");
	for (size_t i = 0; i < policy_count; i++) {
		const struct policy_row *row = &policy_rows[i];

		if (!row->number && number_of(row, arch) >= 0 &&
		    policy_applies(row, relaxed))
			add_row(ctx, row);
	}
	if (seccomp_export_bpf(ctx, fileno(f)) < 0 ||
	    lseek(fileno(f), 0, SEEK_SET) < 0)
		die(ERR_TOOL, "cannot export the filter");
	code = fd_read_all(fileno(f), 4096 * sizeof(struct sock_filter), n);
	if (!code)
		die(ERR_TOOL, "cannot read the filter: %m");
	*n /= sizeof(struct sock_filter);
	fclose(f);
	seccomp_release(ctx);
	return (struct sock_filter *)(void *)code;
}

static struct sock_filter
field(size_t offset)
{
	return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					    (uint32_t)offset);
}

static struct sock_filter
jump(uint16_t test, uint32_t k, unsigned yes, unsigned no)
{
	return (struct sock_filter)BPF_JUMP(BPF_JMP | test | BPF_K, k,
					    (uint8_t)yes, (uint8_t)no);
}

static struct sock_filter
answer(int error)
{
	return (struct sock_filter)BPF_STMT(
		BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error);
}

static void
write_one(struct sock_filter f)
{
	printf("\t{0x%02x, %u, %u, 0x%08x},\n", f.code, f.jt, f.jf, f.k);
}

/*
 * What goes before libseccomp's program, which compares numbers with neither
 * bounds nor, on another machine's behalf, values it has no name for: ENOSYS
 * for numbers nobody reviewed, and the rows that are given by number.  Other
 * ABIs, recognised by architecture or, x32, by a bit of the number, pass
 * through to be killed behind it.
 *
 * It looks at nothing but the number, so the kernel goes on to know by number
 * alone which calls are always allowed (its bitmap, since 5.11) and does not
 * run the filter for them at all.
 */
static size_t
write_front(const struct policy_arch_info *a, unsigned relaxed)
{
	struct sock_filter code[64];
	unsigned n = 8, end;

	for (size_t i = 0; i < policy_count; i++) {
		const struct policy_row *row = &policy_rows[i];

		if (!row->number || !policy_applies(row, relaxed))
			continue;
		assert(row->tests[0].op == POLICY_ALWAYS);
		assert(n + 2 <= sizeof(code) / sizeof(*code));
		code[n++] = jump(BPF_JEQ, (uint32_t)row->number, 0, 1);
		code[n++] = answer(row->answer);
	}
	end = n;
	code[0] = field(offsetof(struct seccomp_data, arch));
	code[1] = jump(BPF_JEQ, a->audit, 0, end - 2);
	code[2] = field(offsetof(struct seccomp_data, nr));
	code[3] = jump(BPF_JGE, a->first_hole, 0, end - 4);
	code[4] = jump(BPF_JGT, a->last_hole, 0, 7 - 5);
	code[5] = jump(BPF_JGT, POLICY_CEILING, 0, 8 - 6);
	code[6] = jump(BPF_JGE, a->first_killed, end - 7, 0);
	code[7] = answer(ENOSYS);
	for (unsigned i = 0; i < end; i++)
		write_one(code[i]);
	return end;
}

static void
write_program(enum policy_arch arch, unsigned relaxed)
{
	size_t n, front;
	struct sock_filter *code = compile(arch, relaxed, &n);

	printf("static struct sock_filter %s_%u[] = {\n",
	       policy_archs[arch].name, relaxed);
	front = write_front(&policy_archs[arch], relaxed);
	if (n + front > BPF_MAXINSNS)
		die(ERR_TOOL, "the filter is too long: %zu", n + front);
	for (size_t i = 0; i < n; i++)
		write_one(code[i]);
	printf("};\n");
	free(code);
}

static void
write_numbers(enum policy_arch arch)
{
	printf("static const int %s_numbers[] = {\n", policy_archs[arch].name);
	for (size_t i = 0; i < policy_count; i++)
		printf("\t%d,\n", number_of(&policy_rows[i], arch));
	printf("};\n");
}

static void
write_index(enum policy_arch arch)
{
	const char *name = policy_archs[arch].name;

	printf("\t{\n");
	for (unsigned set = 0; set < POLICY_SETS; set++)
		printf("\t\t{sizeof(%s_%u) / sizeof(*%s_%u), %s_%u},\n", name,
		       set, name, set, name, set);
	printf("\t},\n");
}

int
main(void)
{
	enum policy_arch a;

	err_prog = "mkprograms";
	printf("#include \"pen-filter/program.h\"\n");
	for (a = 0; a < POLICY_ARCHES; a++) {
		write_numbers(a);
		for (unsigned set = 0; set < POLICY_SETS; set++)
			write_program(a, set);
	}
	printf("const int *const program_numbers[] = {\n");
	for (a = 0; a < POLICY_ARCHES; a++)
		printf("\t%s_numbers,\n", policy_archs[a].name);
	printf("};\nconst struct sock_fprog programs[][POLICY_SETS] = {\n");
	for (a = 0; a < POLICY_ARCHES; a++)
		write_index(a);
	printf("};\n");
	if (fflush(stdout) != 0 || ferror(stdout))
		die(ERR_TOOL, "cannot write: %m");
	return 0;
}
