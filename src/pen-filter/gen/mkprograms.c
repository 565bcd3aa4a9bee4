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
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "pen-filter/policy.h"

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
plain(const struct policy_row *row)
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

		if (plain(row) && number_of(row, arch) >= 0 &&
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

/* A program being written; jumps in it span 255 instructions at most. */
struct front {
	unsigned n;
	struct sock_filter code[256];
};

/* Jumps to places not known yet: see land. */
enum { END = 252, NEXT = 253, HOLDS = 254, FAILS = 255 };

static void
emit(struct front *f, unsigned op, size_t k, unsigned yes, unsigned no)
{
	assert(f->n < END);
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
land(struct front *f, unsigned place, unsigned from)
{
	for (unsigned i = from; i < f->n; i++) {
		if (BPF_CLASS(f->code[i].code) != BPF_JMP)
			continue;
		if (f->code[i].jt == place)
			f->code[i].jt = (uint8_t)(f->n - i - 1);
		if (f->code[i].jf == place)
			f->code[i].jf = (uint8_t)(f->n - i - 1);
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
	land(f, HOLDS, from);
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
	land(f, FAILS, from);
	if (row->tests[0].op != POLICY_ALWAYS)
		emit_load(f, offsetof(struct seccomp_data, nr));
	land(f, NEXT, from);
}

/* The rows that are given by number, or the others. */
static void
emit_rows(struct front *f, enum policy_arch arch, unsigned relaxed,
	  int by_number)
{
	for (size_t i = 0; i < policy_count; i++) {
		const struct policy_row *row = &policy_rows[i];
		int number = number_of(row, arch);

		if (!plain(row) && !row->number == !by_number && number >= 0 &&
		    policy_applies(row, relaxed))
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
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, a->audit, 0, END);
	emit_load(f, offsetof(struct seccomp_data, nr));
	emit(f, BPF_JMP | BPF_JGE | BPF_K, a->first_hole, 0, NEXT);
	emit(f, BPF_JMP | BPF_JGT | BPF_K, a->last_hole, 0, 2);
	emit(f, BPF_JMP | BPF_JGT | BPF_K, POLICY_CEILING, 0, HOLDS);
	emit(f, BPF_JMP | BPF_JGE | BPF_K, a->first_killed, END, 0);
	emit_answer(f, ENOSYS);
	land(f, HOLDS, 0);
	emit_rows(f, arch, relaxed, 1); /* all of them above the hole */
	land(f, NEXT, 0);
	emit_rows(f, arch, relaxed, 0);
	land(f, END, 0);
}

static void
write_code(const struct sock_filter *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("\t{0x%02x, %u, %u, 0x%08x},\n", f[i].code, f[i].jt,
		       f[i].jf, f[i].k);
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
	write_code(front.code, front.n);
	write_code(code, n);
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
