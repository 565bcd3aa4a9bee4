#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/opt.h"
#include "pen-ns/mount.h"
#include "pen-ns/ns.h"

/* Enough for every option list that a program makes; bubblewrap takes 9000. */
#define ARGS_MAX (4 << 20)

/* What --unshare-all makes anew. */
#define ALL_SPACES                                                             \
	(CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET |          \
	 CLONE_NEWUTS | CLONE_NEWCGROUP)

#define OPT(name, fn, args, help) static opt_fn fn;
#include "pen-ns/opts.def"
#undef OPT

/* Callers ask for the version, and look for an option in --help. */
static _Noreturn void
opt_bwrap_version(void *cfg, char **args)
{
	(void)cfg;
	(void)args;
	puts("bubblewrap 0.11.1");
	exit(fflush(stdout) == 0 ? 0 : 1);
}

/* The first is there in bubblewrap's place only. */
static const struct opt options[] = {
	{"version", opt_bwrap_version, "", "print bubblewrap's version"},
#define OPT(name, fn, args, help) {#name, fn, args, help},
#include "pen-ns/opts.def"
#undef OPT
	{0}};

static const struct opt_tool tool = {
	"[options] [--] prog [args...]",
	"Run prog in new namespaces, where it sees only the files it is given.",
	options + 1, 1};

static const struct opt_tool bwrap = {
	"[OPTIONS...] [--] COMMAND [ARGS...]",
	"(This is pen-ns in bubblewrap's place: man pen-ns.)",
	options, 0};

/*
 * A descriptor that is open now; parsing is the time to find that out.  What
 * an option uses is not prog's too.
 */
static int
number_fd(const char *option, const char *text)
{
	int fd = (int)opt_number(option, text, INT_MAX);

	if (fcntl(fd, F_GETFD) < 0)
		die(ERR_TOOL, "--%s: descriptor %d is not open", option, fd);
	if (fd > STDERR_FILENO)
		fd_cloexec(fd, 1);
	return fd;
}

void
fds_push(struct fds *l, int fd)
{
	l->v = mem_room(l->v, l->n, sizeof(*l->v));
	l->v[l->n++] = fd;
}

static struct op *
push(struct ns *ns, enum op_kind kind, const char *src, const char *dest)
{
	struct op *op;

	ns->ops = mem_room(ns->ops, ns->nops, sizeof(*ns->ops));
	op = &ns->ops[ns->nops++];
	*op = (struct op){.kind = kind, .src = src, .dest = dest, .fd = -1,
			 .above = MOUNT_ABOVE};
	if ((dest && *dest == '\0') || (src && *src == '\0'))
		die(ERR_TOOL, "a path is empty");
	return op;
}

/*
 * --perms, --size and --overlay-src are for the operation that follows.  Whom
 * perms keep out of dest, they keep out of what is made above it.
 */
static void
take_perms(struct ns *ns, struct op *op, mode_t otherwise)
{
	op->perms = otherwise;
	if (ns->perms < 0)
		return;
	op->perms = (mode_t)ns->perms;
	if (!(op->perms & S_IRWXG))
		op->above &= ~(mode_t)S_IRWXG;
	if (!(op->perms & S_IRWXO))
		op->above &= ~(mode_t)S_IRWXO;
	ns->perms = -1;
}

static void
check_taken(const struct ns *ns)
{
	if (ns->perms >= 0)
		die(ERR_TOOL, "--perms is not followed by --tmpfs, --dir, "
			      "--file, --bind-data or --ro-bind-data");
	if (ns->size > 0)
		die(ERR_TOOL, "--size is not followed by --tmpfs");
	if (ns->layers.n > 0)
		die(ERR_TOOL, "--overlay-src is not followed by --overlay, "
			      "--tmp-overlay or --ro-overlay");
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
opt_mqueue(void *cfg, char **args)
{
	push_plain(cfg, OP_MQUEUE, NULL, args[0]);
}

static void
opt_chmod(void *cfg, char **args)
{
	struct ns *ns = cfg;

	push_plain(ns, OP_CHMOD, NULL, args[1]);
	ns->ops[ns->nops - 1].perms =
		(mode_t)opt_octal("chmod", args[0], 07777);
}

static void
opt_overlay_src(void *cfg, char **args)
{
	struct ns *ns = cfg;
	struct strv layers = ns->layers;

	ns->layers.n = 0; /* more than one in a row is as it should be */
	check_taken(ns);
	ns->layers = layers;
	strv_push(&ns->layers, args[0]);
}

static struct op *
push_overlay(struct ns *ns, const char *option, size_t least, const char *src,
	     const char *dest)
{
	struct op *op;

	if (ns->layers.n < least)
		die(ERR_TOOL, "--%s needs %zu --overlay-src or more before it",
		    option, least);
	op = push(ns, OP_OVERLAY, src, dest);
	op->layers = ns->layers;
	ns->layers = (struct strv){0};
	check_taken(ns);
	return op;
}

static void
opt_overlay(void *cfg, char **args)
{
	push_overlay(cfg, "overlay", 1, args[0], args[2])->work = args[1];
}

static void
opt_tmp_overlay(void *cfg, char **args)
{
	push_overlay(cfg, "tmp-overlay", 1, NULL, args[0]);
}

static void
opt_ro_overlay(void *cfg, char **args)
{
	push_overlay(cfg, "ro-overlay", 2, NULL, args[0])->flags = OP_RO;
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

	take_perms(ns, op, 0755);
	op->size = ns->size;
	ns->size = 0;
	check_taken(ns);
}

static void
opt_dir(void *cfg, char **args)
{
	struct ns *ns = cfg;

	take_perms(ns, push(ns, OP_DIR, NULL, args[0]), 0755);
	check_taken(ns);
}

static void
push_data(struct ns *ns, const char *option, enum op_kind kind, char **args,
	  int flags, mode_t perms)
{
	struct op *op = push(ns, kind, NULL, args[1]);

	op->fd = number_fd(option, args[0]);
	op->flags = flags;
	take_perms(ns, op, perms);
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

	if (ns->size > 0)
		die(ERR_TOOL, "--size is given twice for one operation");
	ns->size = opt_number("size", args[0], LONG_MAX);
	if (ns->size == 0)
		die(ERR_TOOL, "--size: a tmpfs of no bytes is none");
}

static void
opt_processes(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->processes = opt_number("processes", args[0], INT_MAX);
	if (ns->processes == 0)
		die(ERR_TOOL, "--processes: prog is one");
}

static void
opt_perms(void *cfg, char **args)
{
	struct ns *ns = cfg;

	if (ns->perms >= 0)
		die(ERR_TOOL, "--perms is given twice for one operation");
	ns->perms = (int)opt_octal("perms", args[0], 07777);
}

static void
opt_report(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->reports = mem_room(ns->reports, ns->nreports, sizeof(*ns->reports));
	ns->reports[ns->nreports++] = (struct report){.path = args[0]};
}

static void
opt_report_new(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->news = mem_room(ns->news, ns->nnews, sizeof(*ns->news));
	ns->news[ns->nnews++] = (struct report_new){.path = args[0]};
}

static void
opt_report_json(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->jsons = mem_room(ns->jsons, ns->njsons, sizeof(*ns->jsons));
	ns->jsons[ns->njsons++] =
		(struct report_json){.path = args[0], .key = args[1]};
}

static void
opt_report_links(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->links = mem_room(ns->links, ns->nlinks, sizeof(*ns->links));
	ns->links[ns->nlinks++] = (struct report_links){args[0], args[1]};
}

static void
opt_known_link(void *cfg, char **args)
{
	strv_push(&((struct ns *)cfg)->known, args[0]);
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
	((struct ns *)cfg)->inner_uid =
		(uid_t)opt_number("uid", args[0], ID_SAME - 1);
}

static void
opt_gid(void *cfg, char **args)
{
	((struct ns *)cfg)->inner_gid =
		(gid_t)opt_number("gid", args[0], ID_SAME - 1);
}

static void
opt_unshare_user(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->spaces |= CLONE_NEWUSER;
}

static void
opt_unshare_user_try(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->spaces |= CLONE_NEWUSER;
}

static void
opt_unshare_ipc(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->spaces |= CLONE_NEWIPC;
}

static void
opt_unshare_pid(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->spaces |= CLONE_NEWPID;
}

static void
opt_unshare_uts(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->spaces |= CLONE_NEWUTS;
}

static void
opt_unshare_cgroup(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->spaces |= CLONE_NEWCGROUP;
}

static void
opt_unshare_cgroup_try(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->spaces |= CLONE_NEWCGROUP;
}

static void
opt_unshare_net(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->spaces |= CLONE_NEWNET;
}

static void
opt_unshare_all(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->spaces |= ALL_SPACES;
}

static void
opt_share_net(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->spaces &= ~(unsigned long)CLONE_NEWNET;
}

static void
opt_userns(void *cfg, char **args)
{
	((struct ns *)cfg)->userns = number_fd("userns", args[0]);
}

static void
opt_userns2(void *cfg, char **args)
{
	((struct ns *)cfg)->userns2 = number_fd("userns2", args[0]);
}

static void
opt_pidns(void *cfg, char **args)
{
	((struct ns *)cfg)->pidns = number_fd("pidns", args[0]);
}

static void
opt_assert_userns_disabled(void *cfg, char **args)
{
	(void)args;
	((struct ns *)cfg)->assert_disabled = 1;
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

/* bubblewrap takes the last one only. */
static void
opt_seccomp(void *cfg, char **args)
{
	struct ns *ns = cfg;

	if (!ns->strict)
		ns->filters.n = 0;
	fds_push(&ns->filters, number_fd("seccomp", args[0]));
	ns->seccomp = 1;
}

static void
opt_add_seccomp_fd(void *cfg, char **args)
{
	struct ns *ns = cfg;

	fds_push(&ns->filters, number_fd("add-seccomp-fd", args[0]));
	ns->add_seccomp = 1;
}

static void
opt_keep_fd(void *cfg, char **args)
{
	struct ns *ns = cfg;

	fds_push(&ns->keep, number_fd("keep-fd", args[0]));
}

static void
opt_sync_fd(void *cfg, char **args)
{
	struct ns *ns = cfg;

	fds_push(&ns->held, number_fd("sync-fd", args[0]));
}

static void
opt_lock_file(void *cfg, char **args)
{
	strv_push(&((struct ns *)cfg)->locks, args[0]);
}

static void
opt_block_fd(void *cfg, char **args)
{
	((struct ns *)cfg)->block = number_fd("block-fd", args[0]);
}

static void
opt_userns_block_fd(void *cfg, char **args)
{
	((struct ns *)cfg)->userns_block =
		number_fd("userns-block-fd", args[0]);
}

static void
opt_info_fd(void *cfg, char **args)
{
	((struct ns *)cfg)->info = number_fd("info-fd", args[0]);
}

static void
opt_json_status_fd(void *cfg, char **args)
{
	((struct ns *)cfg)->json = number_fd("json-status-fd", args[0]);
}

static const char *
context(const char *option, const char *text)
{
	if (access("/sys/fs/selinux/status", F_OK) < 0)
		die_hint("labels are SELinux's: leave the option out",
			 "--%s: this system has no SELinux", option);
	return text;
}

static void
opt_exec_label(void *cfg, char **args)
{
	((struct ns *)cfg)->exec_label = context("exec-label", args[0]);
}

static void
opt_file_label(void *cfg, char **args)
{
	((struct ns *)cfg)->file_label = context("file-label", args[0]);
}

static void
opt_argv0(void *cfg, char **args)
{
	struct ns *ns = cfg;

	if (ns->argv0)
		die(ERR_TOOL, "--argv0 is given twice");
	ns->argv0 = args[0];
}

static void
opt_level_prefix(void *cfg, char **args)
{
	(void)cfg;
	(void)args;
	err_levels = 1;
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

/* The number of words before the first that is no option. */
static int
count_options(const struct strv *words)
{
	size_t i = 0;

	while (i < words->n && words->v[i][0] == '-' &&
	       strcmp(words->v[i], "--") != 0)
		i += 1 + opt_words(options, words->v[i]);
	return (int)(i < words->n ? i : words->n);
}

/*
 * The words stay allocated: the operations point into them.  bubblewrap passes
 * over what follows its options there.
 */
static void
opt_args(void *cfg, char **args)
{
	struct ns *ns = cfg;
	int fd = number_fd("args", args[0]), n;
	struct strv words = {0};
	size_t len;
	char *text = fd_read_all(fd, ARGS_MAX, &len);

	if (!text)
		die(ERR_TOOL, "--args: cannot read descriptor %d: %m", fd);
	close(fd); /* so that --args in the text cannot name it again */
	for (char *p = text; p < text + len; p += strlen(p) + 1)
		strv_push(&words, p);
	n = ns->strict ? (int)words.n : count_options(&words);
	if (n > 0)
		opt_parse_list(ns->strict ? &tool : &bwrap, ns, n, words.v);
}

/*
 * A directory that prog holds open is a way out of its view: openat(fd, "..")
 * walks the mount that it was opened in, up to the host's root.
 */
static void
check_directory(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		if (errno == EBADF)
			return; /* not open */
		die(ERR_TOOL, "cannot look at descriptor %d: %m", fd);
	}
	if (S_ISDIR(st.st_mode))
		die_hint("redirect it elsewhere, as in </dev/null, or give the "
			 "directory with --bind-fd",
			 "descriptor %d is a directory: prog could leave its "
			 "view through it", fd);
}

/* A way out is no use to who has all descriptors anyway: bubblewrap's. */
static void
check_directories(const struct ns *ns)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		check_directory(fd);
	for (size_t i = 0; i < ns->keep.n; i++)
		check_directory(ns->keep.v[i]);
}

static void
require(int given, const char *option, int there, const char *wanted)
{
	if (given && !there)
		die(ERR_TOOL, "--%s needs %s", option, wanted);
}

/* bubblewrap makes a user namespace where it has none and is not root. */
static void
decide_userns(struct ns *ns)
{
	/* its limits would be those of a namespace that is not ours */
	require(ns->userns2 >= 0, "userns2", ns->nested, "--nested");
	if (ns->strict && ns->userns2 >= 0 && ns->userns >= 0)
		ns->spaces &= ~(unsigned long)CLONE_NEWUSER;
	if (ns->strict)
		return;
	if (ns->userns >= 0 && ns->spaces & CLONE_NEWUSER)
		die(ERR_TOOL, "--userns and --unshare-user exclude each other");
	if (ns->userns < 0 && ns->uid != 0)
		ns->spaces |= CLONE_NEWUSER;
}

/* Options that mean nothing without another one; asked: --unshare-user was. */
static void
check_together(const struct ns *ns, int asked)
{
	int user = ns->spaces & CLONE_NEWUSER || ns->userns >= 0;

	require(ns->hostname != NULL, "hostname",
		(ns->spaces & CLONE_NEWUTS) != 0, "--unshare-uts");
	require(ns->as_pid_1, "as-pid-1", (ns->spaces & CLONE_NEWPID) != 0,
		"--unshare-pid");
	require(ns->inner_uid != ID_SAME, "uid", user, "--unshare-user");
	require(ns->inner_gid != ID_SAME, "gid", user, "--unshare-user");
	require(!ns->nested && !ns->strict, "disable-userns", asked,
		"--unshare-user");
	require(ns->userns_block >= 0, "userns-block-fd", asked,
		"--unshare-user");
	require(ns->userns_block >= 0, "userns-block-fd", ns->info >= 0,
		"--info-fd, which says whose ids are to be mapped");
	if (ns->seccomp && ns->add_seccomp)
		die(ERR_TOOL, "--add-seccomp-fd and --seccomp exclude each "
			      "other");
	if (ns->held.n + ns->locks.n > FD_KEEP_MAX / 2)
		die(ERR_TOOL, "--sync-fd and --lock-file: at most %d in all",
		    FD_KEEP_MAX / 2);
}

/* What the command line need not say. */
static void
set_defaults(struct ns *ns)
{
	ns->perms = ns->info = ns->json = ns->block = ns->userns_block = -1;
	ns->userns = ns->userns2 = ns->pidns = -1;
	ns->uid = geteuid();
	ns->gid = getegid();
	ns->inner_uid = ns->inner_gid = ID_SAME;
	ns->spaces = CLONE_NEWNS;
	ns->nested = !ns->strict;
	ns->bounding = CAPS_ALL;
	if (!ns->strict && ns->uid == 0)
		ns->caps = caps_effective(); /* in a container not all */
	if (ns->strict)
		ns->spaces |= ALL_SPACES & ~CLONE_NEWNET;
}

void
options_read(struct ns *ns, int argc, char **argv)
{
	int i, asked;

	set_defaults(ns);
	i = opt_parse(ns->strict ? &tool : &bwrap, ns, argc, argv);
	if (i >= argc) {
		fprintf(stderr, "usage: bwrap %s\n", bwrap.usage);
		err_exit(ERR_TOOL);
	}
	asked = (ns->spaces & CLONE_NEWUSER) != 0;
	decide_userns(ns);
	check_taken(ns);
	check_together(ns, asked);
	if (ns->strict)
		check_directories(ns);
	ns->argv = argv + i;
}
