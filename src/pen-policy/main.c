/*
 * pen-policy: pen-filter's policy, for reading and for other programs.
 */
#include <string.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/opt.h"
#include "lib/similar.h"
#include "lib/policy.h"
#include "pen-policy/collect.h"
#include "pen-policy/list.h"

struct config {
	enum policy_arch arch;
	int arch_given;
	unsigned relaxed;
	int list;
	int export_to, collect; /* descriptors, or -1 */
};

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static const struct opt table[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0},
};

static const struct opt_tool tool = {
    .usage = "--list | --export FD | --collect FD [options]",
    .purpose = "Prints the policy of pen-filter, exports it, or lists what it "
	       "refused.",
    .opts = table,
    .similar = similar_option,
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
	for (c->arch = 0; c->arch < POLICY_ARCHES; c->arch++)
		if (strcmp(policy_archs[c->arch].name, args[0]) == 0)
			return;
	die_hint("x86_64 and aarch64 are",
		 "--arch: '%s' is not an architecture known here", args[0]);
}

/* What the words on the command line cannot mean together. */
static void
check_config(const struct config *c, const char *operand)
{
	if (operand)
		die_hint("pen-filter(1) runs programs",
			 "pen-policy runs no program: '%s'", operand);
	if (c->list + (c->export_to >= 0) + (c->collect >= 0) != 1)
		die_hint("pen-policy --help lists the options",
			 "one of --list, --export and --collect is needed");
	if (c->collect >= 0 && c->arch_given)
		die(ERR_TOOL, "--arch belongs to --list and --export");
}

static void
export_program(const struct sock_fprog *p, int fd)
{
	if (fd_write_all(fd, p->filter, p->len * sizeof(*p->filter)) < 0)
		die(ERR_TOOL, "cannot write the filter to descriptor %d: %m",
		    fd);
}

int
main(int argc, char **argv)
{
	struct config c = {
	    .arch = policy_arch_native(), .export_to = -1, .collect = -1};
	int first;

	err_prog = "pen-policy";
	first = opt_parse(&tool, &c, argc, argv);
	check_config(&c, argv[first]);
	if (c.collect >= 0)
		collect_refused(c.collect, c.relaxed);
	else if (c.export_to >= 0)
		export_program(&policy_programs[c.arch][c.relaxed],
			       c.export_to);
	else if (list_print(c.arch, c.relaxed) < 0)
		die(ERR_TOOL, "cannot write the list: %m");
	return 0;
}
