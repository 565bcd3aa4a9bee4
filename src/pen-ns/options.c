/* options: the command line as a whole; each option is in options_*.c. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/opt.h"
#include "pen-ns/option.h"
#include "pen-ns/options.h"

/* Enough for every option list that a program makes; bubblewrap takes 9000. */
#define ARGS_MAX (4 << 20)

/* An option of 0.1.0. */
#define GONE(name)                                                     \
	{                                                              \
		name, NULL, "",                                        \
		    "--at-end runs pen-report(1), which accounts for " \
		    "whatever a run changed"                           \
	}

static const struct opt options[] = {
#define OPT(name, fn, args, help) {#name, fn, args, help},
#include "pen-ns/opts.def"
#undef OPT
    GONE("report"),	  GONE("report-new"), GONE("report-json"),
    GONE("report-links"), GONE("known-link"), {0}};

static const struct opt_tool tool = {
    "[options] [--] prog [args...]",
    "Run prog in new namespaces, where it sees only the files it is given.",
    options, 1, NULL};

size_t
options_split(int fd, struct strv *words)
{
	size_t len;
	char *text = fd_read_all(fd, ARGS_MAX, &len);

	if (!text)
		die(ERR_TOOL, "--args: cannot read descriptor %d: %m", fd);
	close(fd); /* so that --args in the text cannot name it again */
	for (char *p = text; p < text + len; p += strlen(p) + 1)
		strv_push(words, p);
	return words->n;
}

void
opt_args(void *cfg, char **args)
{
	struct ns *ns = cfg;
	struct strv words = {0};

	if (options_split(option_fd("args", args[0]), &words) > 0)
		opt_parse_list(ns->tool, ns, (int)words.n, words.v);
}

/* What --system stands for, as pen-system says it. */
static void
read_system(struct strv *words)
{
	char *argv[] = {chain_sibling("pen-system"), NULL};
	int out[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || (pid = vfork()) < 0)
		die(ERR_TOOL, "cannot start '%s': %m", argv[0]);
	if (pid == 0) {
		/* a standard output that was closed is the pipe already */
		if (out[1] == STDOUT_FILENO ? fd_cloexec(out[1], 0) == 0
					    : dup2(out[1], STDOUT_FILENO) >= 0)
			execv(argv[0], argv);
		die(ERR_TOOL, "cannot execute '%s': %m", argv[0]);
	}
	if (close(out[1]) < 0)
		die(ERR_TOOL, "cannot close a pipe: %m");
	options_split(out[0], words);
	/* where SIGCHLD is ignored there is nothing to wait for */
	if (waitpid(pid, NULL, 0) < 0 && errno != ECHILD)
		die(ERR_TOOL, "cannot wait for '%s': %m", argv[0]);
	/* the last word is empty: what ends before has failed */
	if (words->n == 0 || *words->v[--words->n])
		err_exit(ERR_TOOL);
}

void
opt_system(void *cfg, char **args)
{
	struct ns *ns = cfg;
	struct strv words = {0};

	(void)args;
	option_check_taken(ns);
	read_system(&words);
	opt_parse_list(ns->tool, ns, (int)words.n, words.v);
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
			 "view through it",
			 fd);
}

static void
check_directories(const struct ns *ns)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		check_directory(fd);
	for (size_t i = 0; i < ns->keep.n; i++)
		check_directory(ns->keep.v[i]);
}

void
options_require(int given, const char *option, int there, const char *wanted)
{
	if (given && !there)
		die(ERR_TOOL, "--%s needs %s", option, wanted);
}

void
options_check(const struct ns *ns, int asked)
{
	int user = ns->unshare & CLONE_NEWUSER || ns->userns >= 0;

	option_check_taken(ns);
	options_require(ns->hostname != NULL, "hostname",
			(ns->unshare & CLONE_NEWUTS) != 0, "--unshare-uts");
	options_require(ns->as_pid_1, "as-pid-1",
			(ns->unshare & CLONE_NEWPID) != 0, "--unshare-pid");
	options_require(ns->inner_uid != ID_SAME, "uid", user,
			"--unshare-user");
	options_require(ns->inner_gid != ID_SAME, "gid", user,
			"--unshare-user");
	options_require(ns->userns_block >= 0, "userns-block-fd", asked,
			"--unshare-user");
	options_require(ns->userns_block >= 0, "userns-block-fd", ns->info >= 0,
			"--info-fd, which says whose ids are to be mapped");
	options_require(ns->watch != NULL, "watch", ns->at_end != NULL,
			"--at-end, which is told of it");
	options_require(ns->watch != NULL, "watch", !ns->as_pid_1,
			"a process inside that can stop prog: no --as-pid-1");
	if (ns->seccomp && ns->add_seccomp)
		die(ERR_TOOL, "--add-seccomp-fd and --seccomp exclude each "
			      "other");
	if (ns->held.n + ns->locks.n > FD_KEEP_MAX / 2)
		die(ERR_TOOL, "--sync-fd and --lock-file: at most %d in all",
		    FD_KEEP_MAX / 2);
}

void
options_start(struct ns *ns, const struct opt_tool *used)
{
	ns->tool = used;
	ns->parent = getppid();
	ns->perms = ns->info = ns->json = ns->block = ns->userns_block = -1;
	ns->userns = ns->userns2 = ns->pidns = -1;
	ns->manifest = ns->layer[0] = ns->layer[1] = -1;
	ns->plan = ns->watching[0] = ns->watching[1] = -1;
	ns->uid = geteuid();
	ns->gid = getegid();
	ns->inner_uid = ns->inner_gid = ID_SAME;
	ns->unshare = CLONE_NEWNS;
}

void
options_read(struct ns *ns, int argc, char **argv)
{
	options_start(ns, &tool);
	ns->unshare |= OPTION_UNSHARE_ALL & ~CLONE_NEWNET;
	ns->argv = argv + opt_parse(&tool, ns, argc, argv);
	/* its limits would be those of a namespace that is not ours */
	options_require(ns->userns2 >= 0, "userns2", ns->nested, "--nested");
	if (ns->userns2 >= 0 && ns->userns >= 0)
		ns->unshare &= ~(unsigned long)CLONE_NEWUSER;
	options_check(ns, 1);
	check_directories(ns);
}
