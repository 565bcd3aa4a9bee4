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
#include "pen-filter/list.h"
#include "pen-filter/notify.h"
#include "pen-filter/policy.h"
#include "pen-filter/program.h"

struct config {
	enum policy_arch arch;
	unsigned relaxed;
	int list;
	int export_to; /* descriptors, or -1 */
	int notify, collect;
	int arch_given;
};

#define OPT(name, fn, args, help) static opt_fn fn;
#include "opts.def"
#undef OPT

static const struct opt table[] = {
#define OPT(name, fn, args, help) {#name, fn, args, help},
#include "opts.def"
#undef OPT
	{0},
};

static const struct opt_tool tool = {
	.usage = "[options] [--] prog [args...]",
	.purpose = "Takes dangerous system calls away, then executes prog.",
	.opts = table,
};

static void
debug(void *cfg, char **args)
{
	(void)args;
	((struct config *)cfg)->relaxed |= POLICY_DEBUG;
}

static void
nested(void *cfg, char **args)
{
	(void)args;
	((struct config *)cfg)->relaxed |= POLICY_NESTED;
}

static void
perf(void *cfg, char **args)
{
	(void)args;
	((struct config *)cfg)->relaxed |= POLICY_PERF;
}

static void
list(void *cfg, char **args)
{
	(void)args;
	((struct config *)cfg)->list = 1;
}

static void
export_fd(void *cfg, char **args)
{
	((struct config *)cfg)->export_to =
		(int)opt_number("export", args[0], 0x7fffffff);
}

static void
notify(void *cfg, char **args)
{
	((struct config *)cfg)->notify =
		(int)opt_number("notify", args[0], 0x7fffffff);
}

static void
collect(void *cfg, char **args)
{
	((struct config *)cfg)->collect =
		(int)opt_number("collect", args[0], 0x7fffffff);
}

static void
arch(void *cfg, char **args)
{
	struct config *c = cfg;

	c->arch_given = 1;
	c->arch = policy_arch_find(args[0]);
	if (c->arch == POLICY_ARCHES)
		die_hint("x86_64 and aarch64 are",
			 "--arch: '%s' is not an architecture known here",
			 args[0]);
}

/* What the words on the command line cannot mean together. */
static void
check(const struct config *c, const char *prog)
{
	const char *alone = c->list		? "--list"
			    : c->export_to >= 0 ? "--export"
			    : c->collect >= 0	? "--collect"
						: NULL;
	int prints = c->list || c->export_to >= 0;

	if (c->list + (c->export_to >= 0) + (c->collect >= 0) +
		    (c->notify >= 0) > 1)
		die(ERR_TOOL, "--list, --export, --notify and --collect "
			      "exclude each other");
	if (alone && prog)
		die_hint("leave it away, or the option",
			 "%s runs no program: '%s'", alone, prog);
	if (!prints && c->arch_given)
		die(ERR_TOOL, "--arch belongs to --list and --export");
	if (!alone && !prog)
		die_hint("pen-filter --help lists the options",
			 "no program to run");
}

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

static void
export_program(const struct sock_fprog *p, int fd)
{
	if (fd_write_all(fd, p->filter, p->len * sizeof(*p->filter)) < 0)
		die(ERR_TOOL, "cannot write the filter to descriptor %d: %m",
		    fd);
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
	die_hint(errno == EDQUOT
			 ? "as root: sysctl kernel.keys.maxkeys=2000"
			 : NULL,
		 "cannot join an empty session keyring: %m");
}

static void
load(const struct sock_fprog *p, int notify_to)
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
	struct config c = {.arch = policy_arch_native(),
			   .export_to = -1,
			   .notify = -1,
			   .collect = -1};
	const struct sock_fprog *program;
	int first;

	err_prog = "pen-filter";
	first = opt_parse(&tool, &c, argc, argv);
	check(&c, argv[first]);
	program = &programs[c.arch][c.relaxed];
	if (c.list) {
		if (list_print(c.arch, c.relaxed) < 0)
			die(ERR_TOOL, "cannot write the list: %m");
		return 0;
	}
	if (c.collect >= 0) {
		notify_collect(c.collect, c.relaxed);
		return 0;
	}
	warn_relaxed(c.relaxed);
	if (c.export_to >= 0) {
		export_program(program, c.export_to);
		return 0;
	}
	leave_keyring();
	load(program, c.notify);
	chain_exec(argv + first);
}
