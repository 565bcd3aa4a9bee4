/*
 * pen-bwrap: pen-ns as bubblewrap 0.13.1: its defaults, the options that mean
 * something else there, its exit status, and its words where other programs
 * read them.  It is linked with all of pen-ns but main, and fills the same plan
 * in another way.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/caps.h"
#include "lib/err.h"
#include "lib/limits.h"
#include "lib/mem.h"
#include "lib/opt.h"
#include "pen-ns/option.h"
#include "pen-ns/options.h"
#include "pen-ns/run.h"

/*
 * What pen-ns says, and what bubblewrap says instead, of the same arguments.
 * All are named by number, those that are left out with no width (printf(3)).
 */
static const char *const words[][2] = {
    {"--%s: '%s' is not a descriptor", "Invalid fd: %1$.0s%2$s"},
    {"--%s: '%s' is not an id", "Invalid %1$s: %2$s"},
    {"--%s: a path is empty", "--%s does not take an empty path argument"},
    {"--%s needs %s", "--%s requires %s"},
    {"unknown option '%s'", "Unknown option %s"},
    {"option '%s' lacks an argument: it takes %s", "%s takes %s"},
    {"--%s: '%s' is not an octal number up to 0%lo",
     "--%1$s takes an octal argument <= 0%3$lo%2$.0s"},
    {"--%s: '%s' is not a number from 0 to %lu",
     "--%1$s takes a non-zero number of bytes"},
    {"--size: a tmpfs of no bytes is none",
     "--size takes a non-zero number of bytes"},
    {"--perms is given twice for one operation",
     "--perms given twice for the same action"},
    {"--size is given twice for one operation",
     "--size given twice for the same action"},
    {"--perms is not followed by --tmpfs, --dir, --file, --bind-data or "
     "--ro-bind-data",
     "--perms must be followed by an option that creates a file"},
    {"--size is not followed by --tmpfs", "--size must be followed by "
					  "--tmpfs"},
    {"--overlay-src is not followed by --overlay, --tmp-overlay or "
     "--ro-overlay",
     "--overlay-src must be followed by another --overlay-src or one of "
     "--overlay, --tmp-overlay, or --ro-overlay"},
    {"--argv0 is given twice", "--argv0 used multiple times"},
    {"--%s: unknown capability '%s'", "unknown cap: %1$.0s%2$s"},
    {"--add-seccomp-fd and --seccomp exclude each other",
     "--seccomp cannot be combined with --add-seccomp-fd"},
    {"--seccomp: descriptor %d holds no filter",
     "Invalid seccomp data, must be multiple of 8"},
    {"--assert-userns-disabled: a user namespace can be made inside",
     "creation of new user namespaces was not disabled as requested"},
    {"cannot bind '%s' on '%s': %m", "Can't find source path %1$s: %m%2$.0s"},
    {"cannot bind '%s' on '%s': Not a directory",
     "Destination is not a directory %1$.0s%2$s"},
    {"cannot bind '%s' on '%s': Is a directory",
     "Destination is not a file %1$.0s%2$s"},
    {"cannot bind '%s' on '%s': %s", "Can't create file %1$.0s%2$s: %3$s"},
    {"cannot mount on '%s': it is a symbolic link",
     "Can't mount on symlink destination %s"},
    {"cannot make the directory '%s': it is a file",
     "Destination is not a directory %s"},
    {"cannot make the directory '%s': %m", "Can't mkdir parents for %s: %m"},
    {"cannot make the file '%s': %m", "Can't create file %s: %m"},
    {"cannot change the mode of '%s': %m", "Can't open %s: %m"},
    {"cannot link '%s': %m", "Can't make symlink at %s: %m"},
    {"cannot link '%s': File exists, a link to '%s'",
     "Can't make symlink at %s: existing destination is %s"},
    {"cannot link '%s': File exists",
     "Can't make symlink at %s: destination exists and is not a symlink"},
    {"cannot mount a new /proc on '%s': %m",
     "Can't mount proc on /newroot%s: %m"},
    {"cannot mount message queues on '%s': %m", "Can't mount mqueue on %s: %m"},
    {"cannot lock '%s': %m", "Unable to open lock file %s: %m"},
    {"cannot change to directory '%s': %m", "Can't chdir to %s: %m"},
    {"cannot execute '%s': %m", "execvp %s: %m"},
};

static const char *
translate(const char *message)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(message, words[i][0]) == 0)
			return words[i][1];
	return message;
}

/* Callers ask for the version, and look for an option in --help. */
static void
print_bubblewrap_version(void *cfg, char **args)
{
	(void)cfg;
	(void)args;
	puts("bubblewrap 0.13.1");
	exit(fflush(stdout) == 0 ? 0 : 1);
}

static void
set_lenient(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->lenient = 1;
}

/* How many words follow the word, an option of the table; 0 for another. */
static size_t
option_words(const struct opt *o, const char *word)
{
	size_t n = 0;

	while (o->name && strcmp(o->name, word + 2) != 0)
		o++;
	for (const char *s = o->name ? o->args : ""; *s; s++)
		n += *s != ' ' && (s[1] == ' ' || s[1] == '\0');
	return n;
}

/* What follows the options there is passed over. */
static void
read_args(void *cfg, char **args)
{
	struct ns *ns = cfg;
	struct strv list = {0};
	size_t n = options_split(option_fd("args", args[0]), &list), i = 0;

	while (i < n && list.v[i][0] == '-' && strcmp(list.v[i], "--") != 0)
		i += 1 + (list.v[i][1] == '-'
			      ? option_words(ns->tool->opts, list.v[i])
			      : 0);
	if (i > 0)
		opt_parse_list(ns->tool, ns, (int)(i < n ? i : n), list.v);
}

/* Of most options the last counts, with a word about those before it. */
#define LAST_COUNTS(fn, option, given, take)                  \
	static void fn(void *cfg, char **args)                \
	{                                                     \
		struct ns *ns = cfg;                          \
                                                              \
		if (given)                                    \
			err_warn("Only the last --" option    \
				 " option will take effect"); \
		take(ns, args);                               \
	}

static void
take_seccomp(void *cfg, char **args)
{
	((struct ns *)cfg)->filters.n = 0;
	opt_seccomp(cfg, args);
}

LAST_COUNTS(last_chdir, "chdir", ns->chdir, opt_chdir)
LAST_COUNTS(last_hostname, "hostname", ns->hostname, opt_hostname)
LAST_COUNTS(last_uid, "uid", ns->inner_uid != ID_SAME, opt_uid)
LAST_COUNTS(last_gid, "gid", ns->inner_gid != ID_SAME, opt_gid)
LAST_COUNTS(last_userns, "userns", ns->userns >= 0, opt_userns)
LAST_COUNTS(last_userns2, "userns2", ns->userns2 >= 0, opt_userns2)
LAST_COUNTS(last_pidns, "pidns", ns->pidns >= 0, opt_pidns)
LAST_COUNTS(last_block, "block-fd", ns->block >= 0, opt_block_fd)
LAST_COUNTS(last_info, "info-fd", ns->info >= 0, opt_info_fd)
LAST_COUNTS(last_json, "json-status-fd", ns->json >= 0, opt_json_status_fd)
LAST_COUNTS(last_seccomp, "seccomp", ns->seccomp, take_seccomp)

/* Those that differ come first: the first that is found counts. */
static const struct opt compat_options[] = {
    {"version", print_bubblewrap_version, "", "print bubblewrap's version"},
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#include "pen-ns/opts.def"
#undef OPT
    {0}};

static const struct opt_tool compat_tool = {
    "[OPTIONS...] [--] COMMAND [ARGS...]",
    "(This is pen-ns in bubblewrap's place: man pen-ns.)", compat_options, 0,
    NULL};

static void
set_defaults(struct ns *ns)
{
	ns->inherits = ns->stays = ns->plain = ns->unbounded = 1;
	ns->inspected = ns->scripts = ns->no_links = ns->shared = 1;
	ns->nested = 1;
	if (ns->uid == 0)
		ns->caps = caps_effective(); /* in a container not all */
}

static void
read_options(struct ns *ns, int argc, char **argv)
{
	int i, asked;

	options_start(ns, &compat_tool);
	set_defaults(ns);
	i = opt_parse(&compat_tool, ns, argc, argv);
	if (i >= argc) {
		fprintf(stderr, "usage: bwrap %s\n", compat_tool.usage);
		err_exit(ERR_TOOL);
	}
	ns->argv = argv + i;
	ns->perms = -1; /* what nothing follows is for nothing */
	ns->size = 0;
	asked = (ns->unshare & CLONE_NEWUSER) != 0;
	options_require(ns->userns2 >= 0, "userns2", ns->nested, "--nested");
	if (ns->userns >= 0 && asked)
		die(ERR_TOOL, "--userns is not compatible with --unshare-user");
	options_require(!ns->nested, "disable-userns", asked, "--unshare-user");
	if (ns->as_pid_1 && ns->locks.n > 0)
		die(ERR_TOOL, "Specifying --as-pid-1 and --lock-file is not "
			      "permitted");
	/* it makes one where it has none and is not root */
	if (ns->userns < 0 && ns->uid != 0)
		ns->unshare |= CLONE_NEWUSER;
	options_check(ns, asked);
}

int
main(int argc, char **argv)
{
	struct ns ns = {0};

	err_prog = "bwrap";
	err_status = 1;
	err_words = translate;
	limits_check(LIMITS_STACK_KIB, LIMITS_SPACE_MIB);
	read_options(&ns, argc, argv);
	run_jail(&ns, argc, argv);
}
