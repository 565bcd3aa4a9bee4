#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "pen-ns/ns.h"

/*
 * Signals to processes outside, which a process group may contain, and to
 * abstract sockets outside are refused, where Landlock can (ABI 6, Linux
 * 6.12).  The structure is newer than many headers.
 */
static void
scope_signals(void)
{
	struct {
		uint64_t fs, net, scoped;
	} attr = {.scoped = 1 << 0 /* abstract sockets */ |
			    1 << 1 /* signals */};
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0,
			   LANDLOCK_CREATE_RULESET_VERSION);
	int fd;

	if (abi < 0 && errno != ENOSYS && errno != EOPNOTSUPP)
		die(ERR_TOOL, "cannot ask for Landlock: %m");
	if (abi < 6)
		return;
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (fd < 0 || syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		die(ERR_TOOL, "cannot restrict signals by Landlock: %m");
	close(fd);
}

/* The caller's session keyring holds the caller's keys. */
static void
leave_keyring(void)
{
	/* where the call is refused to pen-ns it is refused to prog */
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 &&
	    errno != ENOSYS && errno != EPERM)
		die(ERR_TOOL, "cannot join an empty session keyring: %m");
}

/*
 * 1 and not 0: where core_pattern is a pipe the host's handler is started, as
 * root, whatever the limit, unless it is 1 (fs/coredump.c).
 */
static void
forbid_cores(void)
{
	struct rlimit core = {1, 1};

	if (setrlimit(RLIMIT_CORE, &core) < 0)
		die(ERR_TOOL, "cannot limit core dumps: %m");
}

/*
 * Counted for each user namespace, and for those below it in it, since Linux
 * 5.14: prog's own is made after this, and has the limit for its maximum.
 */
static void
bound_processes(unsigned long n)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NPROC, &r) < 0)
		die(ERR_TOOL, "cannot read the limit of processes: %m");
	if (r.rlim_max > n)
		r.rlim_max = n;
	if (r.rlim_cur > r.rlim_max)
		r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NPROC, &r) < 0)
		die(ERR_TOOL, "cannot limit the processes: %m");
}

static void
set_environment(const struct ns *ns)
{
	int bad = 0;

	if (ns->clearenv)
		bad = clearenv();
	for (size_t i = 0; i < ns->env.n && !bad; i++)
		bad = putenv(ns->env.v[i]); /* without '=' it removes */
	if (bad)
		die(ERR_TOOL, "cannot set the environment: %m");
}

/* Where prog starts: as bubblewrap has it, and says so in PWD. */
static void
set_directory(const struct ns *ns)
{
	const char *home = getenv("HOME"), *dir = ns->chdir;

	if (dir && chdir(dir) < 0)
		die(ERR_TOOL, "cannot change to directory '%s': %m", dir);
	if (!dir && ns->cwd && chdir(ns->cwd) == 0)
		dir = ns->cwd;
	if (!dir && home && chdir(home) == 0)
		dir = home;
	if (!dir && chdir("/") == 0)
		dir = "/";
	if (!dir || setenv("PWD", dir, 1) < 0)
		die(ERR_TOOL, "cannot start in '/': %m");
}

static void
keep_open(const struct fds *fds)
{
	for (size_t i = 0; i < fds->n; i++)
		if (fd_cloexec(fds->v[i], 0) < 0)
			die(ERR_TOOL, "cannot keep descriptor %d: %m",
			    fds->v[i]);
}

/* But for --keep-fd's; bubblewrap closes only what it has used. */
static void
close_descriptors(const struct ns *ns)
{
	if (ns->strict &&
	    syscall(SYS_close_range, 3, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot close the inherited descriptors: %m");
	keep_open(&ns->keep);
	if (!reaper_wanted(ns))
		keep_open(&ns->held);
}

static void
load_filter(int fd)
{
	size_t n;
	char *text = fd_read_all(fd, BPF_MAXINSNS * sizeof(struct sock_filter),
				 &n);
	struct sock_fprog prog;

	if (!text)
		die(ERR_TOOL, "--seccomp: cannot read descriptor %d: %m", fd);
	if (n == 0 || n % sizeof(struct sock_filter) != 0)
		die(ERR_TOOL, "--seccomp: descriptor %d holds no filter", fd);
	prog.len = (unsigned short)(n / sizeof(struct sock_filter));
	prog.filter = (struct sock_filter *)(void *)text;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		die(ERR_TOOL, "--seccomp: the kernel refuses the filter in "
			      "descriptor %d: %m",
		    fd);
}

static void
restore_signals(const struct signals *sig)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	if (sig->chld_ignored && sigaction(SIGCHLD, &ignore, NULL) < 0)
		die(ERR_TOOL, "cannot restore SIGCHLD: %m");
	if (sigprocmask(SIG_SETMASK, &sig->mask, NULL) < 0)
		die(ERR_TOOL, "cannot restore the signal mask: %m");
}

/* A context for SELinux, which the kernel checks. */
static void
label(const struct ns *ns, int proc)
{
	if (ns->exec_label &&
	    fd_write_file(proc, "self/attr/exec", ns->exec_label) < 0)
		die(ERR_TOOL, "--exec-label: cannot become '%s': %m",
		    ns->exec_label);
}

int
prog_waits(const struct ns *ns)
{
	struct stat st;

	for (size_t i = 0; i < ns->filters.n; i++)
		if (fstat(ns->filters.v[i], &st) < 0 || !S_ISREG(st.st_mode))
			return 1;
	return 0;
}

/* Where no reaper would take prog along. */
static void
follow_monitor(int sock)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot watch the monitor: %m");
	monitor_check(sock);
}

static void
check_disabled(void)
{
	if (unshare(CLONE_NEWUSER) == 0)
		die_hint("--disable-userns disables them",
			 "--assert-userns-disabled: a user namespace can be "
			 "made inside");
}

/* As execvp(3) of some C libraries does it, bubblewrap's among them. */
static void
execute_by_shell(char *path, char *const argv[])
{
	struct strv words = {0};

	strv_push(&words, "sh");
	strv_push(&words, path);
	while (*argv && *++argv)
		strv_push(&words, *argv);
	execv("/bin/sh", words.v);
}

static _Noreturn void
execute(const struct ns *ns, int sock)
{
	char *name = ns->argv[0], *path = chain_find(name);
	int error = errno;
	sigset_t all;

	if (ns->argv0)
		ns->argv[0] = ns->argv0;
	if (ns->json >= 0)
		say(sock, SAY_STARTED, 0);
	if (path)
		execv(path, ns->argv);
	if (path && errno == ENOEXEC && !ns->strict)
		execute_by_shell(path, ns->argv);
	error = path ? errno : error;
	if (ns->json >= 0)
		say(sock, SAY_FAILED, 0);
	sigfillset(&all);
	/* SIGTTOU: writing is not to stop what pid 1 waits for, see there */
	sigprocmask(SIG_BLOCK, &all, NULL);
	errno = error;
	/* ENOENT after path was found: the interpreter of #! is missing */
	die(!path && (error == ENOENT || error == ENOTDIR) ? ERR_NOTFOUND
							    : ERR_NOEXEC,
	    "cannot execute '%s': %m", name);
}

/* As a shell starts a job; SIGTTOU is blocked. */
static void
lead_group(void)
{
	if (setpgid(0, 0) < 0 || tcsetpgrp(STDIN_FILENO, getpid()) < 0)
		die(ERR_TOOL, "cannot have the terminal's foreground: %m");
}

void
prog_become(const struct ns *ns, const struct signals *sig, int proc,
	    mode_t mask, int sock)
{
	if (ns->new_session && setsid() < 0)
		die(ERR_TOOL, "cannot begin a session: %m");
	if (ns->leads)
		lead_group();
	if (ns->strict) {
		leave_keyring();
		forbid_cores();
	}
	if (ns->processes > 0)
		bound_processes(ns->processes);
	spaces_last(ns, proc);
	if (ns->assert_disabled)
		check_disabled();
	label(ns, proc);
	/* root that gives up its id in there is to lose what it had by it */
	caps_limit(ns->caps, ns->bounding, ns->strict || ns->caps == 0);
	if (ns->strict)
		scope_signals();
	if (ns->die_with_parent && !reaper_wanted(ns))
		follow_monitor(sock);
	set_environment(ns);
	set_directory(ns);
	umask(mask);
	close_descriptors(ns);
	restore_signals(sig);
	for (size_t i = 0; i < ns->filters.n; i++)
		load_filter(ns->filters.v[i]);
	execute(ns, sock);
}
