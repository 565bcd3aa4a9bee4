/*
 * pen-filter: takes dangerous system calls away, then executes prog.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/opt.h"
#include "lib/policy.h"
#include "pen-filter/notify.h"

struct config {
	unsigned relaxed;
	int notify; /* a descriptor, or -1 */
};

#define OPT(name, fn, args, help) static opt_fn fn;
#include "opts.def"
#undef OPT

#define RELAXES(fn, bit)                                  \
	static void fn(void *cfg, char **args)            \
	{                                                 \
		(void)args;                               \
		((struct config *)cfg)->relaxed |= (bit); \
	}

RELAXES(debug, POLICY_DEBUG)
RELAXES(nested, POLICY_NESTED)
RELAXES(perf, POLICY_PERF)

static void
notify(void *cfg, char **args)
{
	((struct config *)cfg)->notify =
	    (int)opt_number("notify", args[0], 0x7fffffff);
}

static const struct opt table[] = {
#define OPT(name, fn, args, help) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    /* of 0.1.0 */
    {"list", NULL, "", "pen-policy --list"},
    {"export", NULL, "", "pen-policy --export FD"},
    {"collect", NULL, "", "pen-policy --collect FD"},
    {"arch", NULL, "", "pen-policy --arch ARCH"},
    {0},
};

static const struct opt_tool tool = {
    .usage = "[options] [--] prog [args...]",
    .purpose = "Takes dangerous system calls away, then executes prog.",
    .opts = table,
};

static void
warn_relaxed(unsigned relaxed)
{
	if (relaxed & POLICY_DEBUG)
		err_warn("warning: --debug: programs inside can trace and "
			 "change each other");
	if (relaxed & POLICY_NESTED)
		err_warn("warning: --nested: programs inside can make "
			 "namespaces and mounts, and reach more of the kernel");
	if (relaxed & POLICY_PERF)
		err_warn("warning: --perf: programs inside can use "
			 "perf_event_open, a frequent way into the kernel");
}

/*
 * A session keyring is inherited, and the kernel itself uses what is in it for
 * NFS, CIFS, AFS and encrypted directories whether or not prog may call
 * keyctl(2).  The two errors come from kernels without keyrings and from an
 * outer filter that refuses them as this one does.
 */
static void
leave_keyring(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0 ||
	    errno == ENOSYS || errno == EPERM)
		return;
	die_hint(errno == EDQUOT ? "as root: sysctl kernel.keys.maxkeys=2000"
				 : NULL,
		 "cannot join an empty session keyring: %m");
}

static void
load_filter(const struct sock_fprog *p, int notify_to)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot set no_new_privs: %m");
	if (notify_to >= 0) {
		if (fd_cloexec(notify_to, 1) < 0)
			die(ERR_TOOL, "cannot use descriptor %d: %m",
			    notify_to);
		if (notify_load(p, notify_to) == 0)
			return;
		/* EBUSY: another program listens to this one already */
		err_warn("what is refused will not be listed: %m");
	}
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, p) < 0)
		die_hint("the kernel needs CONFIG_SECCOMP_FILTER",
			 "cannot load the filter: %m");
}

int
main(int argc, char **argv)
{
	struct config c = {.notify = -1};
	int first;

	err_prog = "pen-filter";
	first = opt_parse(&tool, &c, argc, argv);
	if (!argv[first])
		die_hint("pen-filter --help lists the options",
			 "no program to run");
	warn_relaxed(c.relaxed);
	leave_keyring();
	load_filter(&policy_programs[policy_arch_native()][c.relaxed],
		    c.notify);
	chain_exec(argv + first);
}
