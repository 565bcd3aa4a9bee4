/*
 * mkprograms: compiles the policy with libseccomp and writes programs.c to
 * stdout.  It runs when pen is built, never afterwards.
 *
 * libseccomp sorts numbers into a tree and knows them by name.  It compares
 * arguments in 64 bits, each with a single value in a rule, and numbers not at
 * all: what needs more than that, "none of these families" or "newer than",
 * comes before its program in one written here.
 */
#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "gen/bpf.h"
#include "lib/err.h"
#include "lib/policy.h"

static const uint32_t tokens[] = {
    [POLICY_X86_64] = SCMP_ARCH_X86_64,
    [POLICY_AARCH64] = SCMP_ARCH_AARCH64,
};

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

/* Whether the row is for libseccomp. */
static int
is_plain(const struct policy_row *row)
{
	return !row->number && row->tests[0].op == POLICY_ALWAYS;
}

/* libseccomp takes the number of this machine and translates it itself. */
static void
add_row(scmp_filter_ctx ctx, const struct policy_row *row)
{
	int number = seccomp_syscall_resolve_name(row->syscall);
	int r = seccomp_rule_add_exact(
	    ctx, SCMP_ACT_ERRNO((uint32_t)row->answer), number, 0);

	if (r < 0) {
		errno = -r;
		die(ERR_TOOL, "cannot add a rule for '%s': %m", row->syscall);
	}
}

/* What libseccomp makes of the rows, in a buffer that the caller frees. */
static struct sock_filter *
compile(enum policy_arch arch, unsigned relaxed, size_t *n)
{
	scmp_filter_ctx ctx = bpf_begin(tokens[arch], SCMP_ACT_ALLOW);

	for (size_t i = 0; i < policy_count; i++) {
		const struct policy_row *row = &policy_rows[i];

		if (is_plain(row) && number_of(row, arch) >= 0 &&
		    policy_applies(row, relaxed))
			add_row(ctx, row);
	}
	return bpf_end(ctx, n);
}

/* A program being written. */
struct front {
	unsigned n;
	struct sock_filter code[1024];
};

/*
 * Jumps to places not known yet: see land.  A test's jumps span 251
 * instructions at most; BPF_JA, which tests nothing, goes as far as it likes.
 */
enum { END = 252, NEXT = 253, HOLDS = 254, FAILS = 255 };

static void
emit(struct front *f, unsigned op, size_t k, unsigned yes, unsigned no)
{
	assert(f->n < sizeof(f->code) / sizeof(*f->code));
	f->code[f->n++] = (struct sock_filter){
	    .code = (uint16_t)op,
	    .k = (uint32_t)k,
	    .jt = (uint8_t)yes,
	    .jf = (uint8_t)no,
	};
}

static void
emit_load(struct front *f, size_t offset)
{
	emit(f, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void
emit_answer(struct front *f, int error)
{
	emit(f, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error, 0, 0);
}

/* Lets the jumps to the place, from instruction number from on, come here. */
static void
land_jumps(struct front *f, unsigned place, unsigned from)
{
	for (unsigned i = from; i < f->n; i++) {
		struct sock_filter *c = &f->code[i];
		unsigned span = f->n - i - 1;

		if (BPF_CLASS(c->code) != BPF_JMP)
			continue;
		if (c->code == (BPF_JMP | BPF_JA) && c->k == place)
			c->k = span;
		assert(span < END || (c->jt != place && c->jf != place));
		if (c->jt == place)
			c->jt = (uint8_t)span;
		if (c->jf == place)
			c->jf = (uint8_t)span;
	}
}

static void
emit_test(struct front *f, const struct policy_test *t)
{
	unsigned from = f->n;

	if (t->op == POLICY_ALWAYS)
		return;
	/* The low half comes first: both machines are little-endian. */
	emit_load(f, offsetof(struct seccomp_data, args[t->arg]));
	if (t->mask != UINT32_MAX)
		emit(f, BPF_ALU | BPF_AND | BPF_K, t->mask, 0, 0);
	for (size_t i = 0; i < t->count; i++)
		emit(f, BPF_JMP | BPF_JEQ | BPF_K, t->values[i],
		     t->op == POLICY_IN ? HOLDS : FAILS,
		     t->op == POLICY_IN && i + 1 == t->count ? FAILS : 0);
	if (t->op == POLICY_ANY)
		emit(f, BPF_JMP | BPF_JEQ | BPF_K, 0, FAILS, 0);
	land_jumps(f, HOLDS, from);
}

/* Finds the number in the accumulator and leaves it there. */
static void
emit_row(struct front *f, const struct policy_row *row, int number)
{
	unsigned from = f->n;

	emit(f, BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, NEXT);
	for (size_t i = 0; i < POLICY_TESTS; i++)
		emit_test(f, &row->tests[i]);
	emit_answer(f, row->answer);
	land_jumps(f, FAILS, from);
	if (row->tests[0].op != POLICY_ALWAYS)
		emit_load(f, offsetof(struct seccomp_data, nr));
	land_jumps(f, NEXT, from);
}

/* The rows that are given by number, or the others. */
static void
emit_rows(struct front *f, enum policy_arch arch, unsigned relaxed,
	  int by_number)
{
	for (size_t i = 0; i < policy_count; i++) {
		const struct policy_row *row = &policy_rows[i];
		int number = number_of(row, arch);

		if (!is_plain(row) && !row->number == !by_number &&
		    number >= 0 && policy_applies(row, relaxed))
			emit_row(f, row, number);
	}
}

/*
 * What comes before libseccomp's program: ENOSYS for numbers that nobody
 * reviewed, and the rows that are not plain.  Other ABIs, recognised by
 * architecture or, x32, by a bit of the number, pass on to be killed there.
 *
 * Where no argument decides, none is looked at, so that the kernel knows by
 * number alone which calls are always allowed (its bitmap, since 5.11) and
 * does not run the filter for them at all.
 */
static void
make_front(struct front *f, enum policy_arch arch, unsigned relaxed)
{
	const struct policy_arch_info *a = &policy_archs[arch];

	emit_load(f, offsetof(struct seccomp_data, arch));
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, a->audit, 1, 0);
	emit(f, BPF_JMP | BPF_JA, END, 0, 0);
	emit_load(f, offsetof(struct seccomp_data, nr));
	emit(f, BPF_JMP | BPF_JGE | BPF_K, a->first_hole, 0, NEXT);
	emit(f, BPF_JMP | BPF_JGT | BPF_K, a->last_hole, 0, 3);
	emit(f, BPF_JMP | BPF_JGT | BPF_K, POLICY_CEILING, 0, HOLDS);
	emit(f, BPF_JMP | BPF_JGE | BPF_K, a->first_killed, 0, 1);
	emit(f, BPF_JMP | BPF_JA, END, 0, 0);
	emit_answer(f, ENOSYS);
	land_jumps(f, HOLDS, 0);
	emit_rows(f, arch, relaxed, 1); /* all of them above the hole */
	land_jumps(f, NEXT, 0);
	emit_rows(f, arch, relaxed, 0);
	land_jumps(f, END, 0);
}

static void
write_program(enum policy_arch arch, unsigned relaxed)
{
	struct front front = {0};
	size_t n;
	struct sock_filter *code = compile(arch, relaxed, &n);

	make_front(&front, arch, relaxed);
	if (front.n + n > BPF_MAXINSNS)
		die(ERR_TOOL, "the filter is too long: %zu", front.n + n);
	printf("static struct sock_filter %s_%u[] = {\n",
	       policy_archs[arch].name, relaxed);
	bpf_print(front.code, front.n);
	bpf_print(code, n);
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
	printf("#include \"lib/policy.h\"\n");
	for (a = 0; a < POLICY_ARCHES; a++) {
		write_numbers(a);
		for (unsigned set = 0; set < POLICY_SETS; set++)
			write_program(a, set);
	}
	printf("const int *const policy_numbers[] = {\n");
	for (a = 0; a < POLICY_ARCHES; a++)
		printf("\t%s_numbers,\n", policy_archs[a].name);
	printf("};\n"
	       "const struct sock_fprog policy_programs[][POLICY_SETS] = {\n");
	for (a = 0; a < POLICY_ARCHES; a++)
		write_index(a);
	printf("};\n");
	if (fflush(stdout) != 0 || ferror(stdout))
		die(ERR_TOOL, "cannot write: %m");
	return 0;
}
