#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/opt.h"
#include "pen-ns/ns.h"

/* Enough for every option list that a program makes; bubblewrap takes 9000. */
#define ARGS_MAX (4 << 20)

#define OPT(name, fn, args, help) static opt_fn fn;
#include "pen-ns/opts.def"
#undef OPT

static const struct opt options[] = {
#define OPT(name, fn, args, help) {#name, fn, args, help},
#include "pen-ns/opts.def"
#undef OPT
	{0}};

static const struct opt_tool tool = {
	"[options] [--] prog [args...]",
	"Run prog in new namespaces, where it sees only the files it is given.",
	options, 1};

/* A descriptor that is open now; parsing is the time to find that out. */
static int
number_fd(const char *option, const char *text)
{
	int fd = (int)opt_number(option, text, INT_MAX);

	if (fcntl(fd, F_GETFD) < 0)
		die(ERR_TOOL, "--%s: descriptor %d is not open", option, fd);
	return fd;
}

static void
push_fd(int **list, size_t *n, int fd)
{
	*list = mem_grow(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = fd;
}

static struct op *
push(struct ns *ns, enum op_kind kind, const char *src, const char *dest)
{
	struct op *op;

	ns->ops = mem_grow(ns->ops, ns->nops + 1, sizeof(*ns->ops));
	op = &ns->ops[ns->nops++];
	*op = (struct op){.kind = kind, .src = src, .dest = dest, .fd = -1};
	if (dest && *dest == '\0')
		die(ERR_TOOL, "a path is empty");
	return op;
}

/* --perms and --size are for the operation that follows. */
static mode_t
take_perms(struct ns *ns, mode_t otherwise)
{
	mode_t perms = ns->perms < 0 ? otherwise : (mode_t)ns->perms;

	ns->perms = -1;
	return perms;
}

static void
check_taken(const struct ns *ns)
{
	if (ns->perms >= 0)
		die(ERR_TOOL, "--perms is not followed by --tmpfs, --dir, "
			      "--file, --bind-data or --ro-bind-data");
	if (ns->size > 0)
		die(ERR_TOOL, "--size is not followed by --tmpfs");
}

static void
push_bind(struct ns *ns, char **args, int flags)
{
	check_taken(ns);
	push(ns, OP_BIND, args[0], args[1])->flags = flags;
}

static void
opt_ro_bind(void *cfg, char **args)
{
	push_bind(cfg, args, OP_RO);
}

static void
opt_ro_bind_try(void *cfg, char **args)
{
	push_bind(cfg, args, OP_RO | OP_TRY);
}

static void
opt_bind(void *cfg, char **args)
{
	push_bind(cfg, args, 0);
}

static void
opt_bind_try(void *cfg, char **args)
{
	push_bind(cfg, args, OP_TRY);
}

static void
opt_dev_bind(void *cfg, char **args)
{
	push_bind(cfg, args, OP_DEVICES);
}

static void
opt_dev_bind_try(void *cfg, char **args)
{
	push_bind(cfg, args, OP_DEVICES | OP_TRY);
}

static void
push_bind_fd(struct ns *ns, const char *option, char **args, int flags)
{
	struct op *op;

	check_taken(ns);
	op = push(ns, OP_BIND, NULL, args[1]);
	op->fd = number_fd(option, args[0]);
	op->flags = flags;
}

static void
opt_bind_fd(void *cfg, char **args)
{
	push_bind_fd(cfg, "bind-fd", args, 0);
}

static void
opt_ro_bind_fd(void *cfg, char **args)
{
	push_bind_fd(cfg, "ro-bind-fd", args, OP_RO);
}

static void
push_plain(struct ns *ns, enum op_kind kind, const char *src, const char *dest)
{
	check_taken(ns);
	push(ns, kind, src, dest);
}

static void
opt_system(void *cfg, char **args)
{
	(void)args;
	push_plain(cfg, OP_SYSTEM, NULL, NULL);
}

static void
opt_proc(void *cfg, char **args)
{
	push_plain(cfg, OP_PROC, NULL, args[0]);
}

static void
opt_dev(void *cfg, char **args)
{
	push_plain(cfg, OP_DEV, NULL, args[0]);
}

static void
opt_symlink(void *cfg, char **args)
{
	push_plain(cfg, OP_SYMLINK, args[0], args[1]);
}

static void
opt_remount_ro(void *cfg, char **args)
{
	push_plain(cfg, OP_REMOUNT_RO, NULL, args[0]);
}

static void
opt_mask(void *cfg, char **args)
{
	push_plain(cfg, OP_MASK, NULL, args[0]);
}

static void
opt_tmpfs(void *cfg, char **args)
{
	struct ns *ns = cfg;
	struct op *op = push(ns, OP_TMPFS, NULL, args[0]);

	op->perms = take_perms(ns, 0755);
	op->size = ns->size;
	ns->size = 0;
}

static void
opt_dir(void *cfg, char **args)
{
	struct ns *ns = cfg;

	push(ns, OP_DIR, NULL, args[0])->perms = take_perms(ns, 0755);
	check_taken(ns);
}

static void
push_data(struct ns *ns, const char *option, enum op_kind kind, char **args,
	  int flags, mode_t perms)
{
	struct op *op = push(ns, kind, NULL, args[1]);

	op->fd = number_fd(option, args[0]);
	op->flags = flags;
	op->perms = take_perms(ns, perms);
	check_taken(ns);
}

static void
opt_file(void *cfg, char **args)
{
	push_data(cfg, "file", OP_FILE, args, 0, 0666);
}

static void
opt_bind_data(void *cfg, char **args)
{
	push_data(cfg, "bind-data", OP_DATA, args, 0, 0600);
}

static void
opt_ro_bind_data(void *cfg, char **args)
{
	push_data(cfg, "ro-bind-data", OP_DATA, args, OP_RO, 0600);
}

static void
opt_size(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->size = opt_number("size", args[0], LONG_MAX);
	if (ns->size == 0)
		die(ERR_TOOL, "--size: a tmpfs of no bytes is none");
}

static void
opt_perms(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->perms = (int)opt_octal("perms", args[0], 07777);
}

static void
opt_report(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->reports = mem_grow(ns->reports, ns->nreports + 1,
			       sizeof(*ns->reports));
	ns->reports[ns->nreports++] = (struct report){.path = args[0]};
}

static void
opt_report_new(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->news = mem_grow(ns->news, ns->nnews + 1, sizeof(*ns->news));
	ns->news[ns->nnews++] = (struct report_new){.path = args[0]};
}

static void
opt_chdir(void *cfg, char **args)
{
	((struct ns *)cfg)->chdir = args[0];
}

static void
opt_hostname(void *cfg, char **args)
{
	if (strlen(args[0]) > HOST_NAME_MAX)
		die(ERR_TOOL, "--hostname: longer than %d bytes",
		    HOST_NAME_MAX);
	((struct ns *)cfg)->hostname = args[0];
}

static void
check_variable(const char *option, const char *name)
{
	if (*name == '\0' || strchr(name, '='))
		die(ERR_TOOL, "--%s: '%s' is not the name of a variable",
		    option, name);
}

static void
opt_setenv(void *cfg, char **args)
{
	check_variable("setenv", args[0]);
	strv_push(&((struct ns *)cfg)->env,
		  mem_printf("%s=%s", args[0], args[1]));
}

static void
opt_unsetenv(void *cfg, char **args)
{
	check_variable("unsetenv", args[0]);
	strv_push(&((struct ns *)cfg)->env, args[0]);
}

static void
opt_clearenv(void *cfg, char **args)
{
	struct ns *ns = cfg;

	(void)args;
	ns->clearenv = 1;
	ns->env = (struct strv){0};
}

static void
opt_uid(void *cfg, char **args)
{
	/* (uid_t)-1 is "no change" to the kernel, never an id */
	((struct ns *)cfg)->inner_uid =
		(uid_t)opt_number("uid", args[0], UINT_MAX - 1);
}

static void
opt_gid(void *cfg, char **args)
{
	((struct ns *)cfg)->inner_gid =
		(gid_t)opt_number("gid", args[0], UINT_MAX - 1);
}

static void
opt_always(void *cfg, char **args)
{
	(void)cfg;
	(void)args;
}

static void
opt_unshare_net(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->unshare_net = 1;
}

static void
opt_share_net(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->unshare_net = 0;
}

static void
opt_disable_userns(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->nested = 0;
}

static void
opt_nested(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->nested = 1;
}

static uint64_t
cap_mask(const char *option, const char *name)
{
	int n = caps_number(name);

	if (strcasecmp(name, "ALL") == 0)
		return UINT64_MAX;
	if (n < 0)
		die(ERR_TOOL, "--%s: unknown capability '%s'", option, name);
	return UINT64_C(1) << n;
}

static void
opt_cap_add(void *cfg, char **args)
{
	((struct ns *)cfg)->caps |= cap_mask("cap-add", args[0]);
}

static void
opt_cap_drop(void *cfg, char **args)
{
	((struct ns *)cfg)->caps &= ~cap_mask("cap-drop", args[0]);
}

static void
opt_seccomp(void *cfg, char **args)
{
	struct ns *ns = cfg;

	push_fd(&ns->filters, &ns->nfilters, number_fd("seccomp", args[0]));
}

static void
opt_keep_fd(void *cfg, char **args)
{
	struct ns *ns = cfg;

	push_fd(&ns->keep, &ns->nkeep, number_fd("keep-fd", args[0]));
}

static void
opt_new_session(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->new_session = 1;
}

static void
opt_die_with_parent(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->die_with_parent = 1;
}

static void
opt_as_pid_1(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->as_pid_1 = 1;
}

/* The words stay allocated: the operations point into them. */
static void
opt_args(void *cfg, char **args)
{
	int fd = number_fd("args", args[0]);
	struct strv words = {0};
	size_t n;
	char *text = fd_read_all(fd, ARGS_MAX, &n);

	if (!text)
		die(ERR_TOOL, "--args: cannot read descriptor %d: %m", fd);
	close(fd); /* so that --args in the text cannot name it again */
	for (char *p = text; p < text + n; p += strlen(p) + 1)
		strv_push(&words, p);
	if (words.n > 0)
		opt_parse_list(&tool, cfg, (int)words.n, words.v);
}

/*
 * A directory that prog holds open is a way out of its view: openat(fd, "..")
 * walks the mount that it was opened in, up to the host's root.
 */
static void
check_directory(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		die_hint("redirect it elsewhere, as in </dev/null, or give the "
			 "directory with --bind-fd",
			 "descriptor %d is a directory: prog could leave its "
			 "view through it", fd);
}

void
options_read(struct ns *ns, int argc, char **argv)
{
	int i;

	*ns = (struct ns){.perms = -1};
	ns->uid = ns->inner_uid = geteuid();
	ns->gid = ns->inner_gid = getegid();
	i = opt_parse(&tool, ns, argc, argv);
	check_taken(ns);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		check_directory(fd);
	for (size_t k = 0; k < ns->nkeep; k++)
		check_directory(ns->keep[k]);
	ns->argv = argv + i;
}
