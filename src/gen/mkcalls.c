/*
 * mkcalls: compiles a tool's calls.def, the system calls that its process on
 * the host may make, and writes a C file with the program to stdout.  It is
 * compiled with CALLS, the name of that file, and runs when pen is built.
 *
 * A line is CALL(NAME) for a call with any arguments, or
 * CALL_IF(NAME, ARGUMENT, MASK, VALUE) for one whose ARGUMENT (from 0) is VALUE
 * under MASK; several lines for a name allow each of them.  The masks are of 32
 * bits: what is in the other half of the register does not reach the kernel.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "gen/bpf.h"
#include "lib/err.h"

#define ALL UINT32_MAX

struct call {
	const char *name;
	int tested;
	unsigned argument;
	uint32_t mask, value;
};

static const struct call calls[] = {
#define CALL(name) {#name, 0, 0, 0, 0},
#define CALL_IF(name, argument, mask, value) {#name, 1, argument, mask, value},
#include CALLS
};

static const struct {
	uint32_t token;
	const char *macro;
} archs[] = {
    {SCMP_ARCH_X86_64, "defined __x86_64__ && !defined __ILP32__"},
    {SCMP_ARCH_AARCH64, "defined __aarch64__ && !defined __ILP32__"},
};

/* libseccomp takes the number of this machine and translates it itself. */
static void
add_call(scmp_filter_ctx ctx, const struct call *c)
{
	struct scmp_arg_cmp test = {c->argument, SCMP_CMP_MASKED_EQ, c->mask,
				    c->value};
	int r = seccomp_rule_add_exact_array(
	    ctx, SCMP_ACT_ALLOW, seccomp_syscall_resolve_name(c->name),
	    (unsigned)c->tested, &test);

	if (r < 0) {
		errno = -r;
		die(ERR_TOOL, "cannot add a rule for '%s': %m", c->name);
	}
}

static void
write_program(uint32_t arch)
{
	scmp_filter_ctx ctx = bpf_begin(arch, SCMP_ACT_ERRNO(EPERM));
	struct sock_filter *code;
	size_t n;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const char *name = calls[i].name;
		int number = seccomp_syscall_resolve_name_arch(arch, name);

		if (number == __NR_SCMP_ERROR)
			die(ERR_TOOL, "libseccomp does not know '%s'", name);
		/* arm64 has none of the older forms */
		if (number >= 0)
			add_call(ctx, &calls[i]);
	}
	code = bpf_end(ctx, &n);
	printf("static struct sock_filter code[] = {\n");
	bpf_print(code, n);
	printf("};\n");
	free(code);
}

int
main(void)
{
	err_prog = "mkcalls";
	printf("#include \"lib/confine.h\"\n");
	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++) {
		printf("#%sif %s\n", i == 0 ? "" : "el", archs[i].macro);
		write_program(archs[i].token);
	}
	printf("#else\n#error \"pen knows x86-64 and arm64\"\n#endif\n"
	       "const struct sock_fprog confine_program = {\n"
	       "\tsizeof(code) / sizeof(*code), code};\n");
	if (fflush(stdout) != 0 || ferror(stdout))
		die(ERR_TOOL, "cannot write: %m");
	return 0;
}
