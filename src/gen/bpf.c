#include "gen/bpf.h"

#include <stdio.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"

scmp_filter_ctx
bpf_begin(uint32_t arch, uint32_t otherwise)
{
	scmp_filter_ctx ctx = seccomp_init(otherwise);

	if (!ctx)
		die(ERR_TOOL, "cannot start: %m");
	if (arch != seccomp_arch_native() &&
	    (seccomp_arch_add(ctx, arch) < 0 ||
	     seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE) < 0))
		die(ERR_TOOL, "libseccomp lacks architecture %#x", arch);
	/* Level 2 sorts numbers into a tree: every call passes this way. */
	if (seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
			     SCMP_ACT_KILL_PROCESS) < 0 ||
	    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) < 0)
		die(ERR_TOOL, "libseccomp is too old: 2.5 is needed");
	return ctx;
}

struct sock_filter *
bpf_end(scmp_filter_ctx ctx, size_t *n)
{
	FILE *f = tmpfile();
	char *code;

	if (!f || seccomp_export_bpf(ctx, fileno(f)) < 0 ||
	    lseek(fileno(f), 0, SEEK_SET) < 0)
		die(ERR_TOOL, "cannot export the filter");
	code = fd_read_all(fileno(f), BPF_MAXINSNS * sizeof(struct sock_filter),
			   n);
	if (!code)
		die(ERR_TOOL, "cannot read the filter: %m");
	*n /= sizeof(struct sock_filter);
	fclose(f);
	seccomp_release(ctx);
	return (struct sock_filter *)(void *)code;
}

void
bpf_print(const struct sock_filter *code, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("\t{0x%02x, %u, %u, 0x%08x},\n", code[i].code,
		       code[i].jt, code[i].jf, code[i].k);
}
