#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/landlock.h"
#include "lib/mem.h"
#include "lib/message.h"
#include "pen-ns/caps.h"
#include "pen-ns/namespaces.h"
#include "pen-ns/ns.h"
#include "pen-ns/prog.h"

/*
 * Where Landlock can: signals to processes outside, which a process group may
 * contain, and abstract sockets outside (Linux 6.12); and sockets where another
 * jail could connect, and be handed descriptors that outlive this one.  Before
 * 5.19 that would refuse all renames between directories.
 */
static void
restrict_reach(const struct strv *sockets)
{
	const uint64_t files = LANDLOCK_SOCKET | LANDLOCK_REFER;
	struct landlock_path *paths =
	    mem_alloc((sockets->n + 1) * sizeof(*paths));
	struct landlock reach = {.files = sockets->n > 0 ? files : 0,
				 .if_known = files,
				 .scope = LANDLOCK_ABSTRACT | LANDLOCK_SIGNAL,
				 .paths = paths};

	for (size_t i = 0; i <= sockets->n && reach.files; i++)
		paths[reach.paths_n++] = (struct landlock_path){
		    open(i < sockets->n ? sockets->v[i] : "/",
			 O_PATH | O_DIRECTORY | O_CLOEXEC),
		    i < sockets->n ? LANDLOCK_SOCKET : LANDLOCK_REFER};
	if (landlock_restrict(&reach) < 0)
		die(ERR_TOOL, "cannot restrict signals and sockets by "
			      "Landlock: %m");
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
	if (!ns->inherits &&
	    syscall(SYS_close_range, 3, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot close the inherited descriptors: %m");
	keep_open(&ns->keep);
	if (!ns_has_reaper(ns))
		keep_open(&ns->held);
}

static struct sock_fprog
read_filter(int fd)
{
	size_t n;
	char *text =
	    fd_read_all(fd, BPF_MAXINSNS * sizeof(struct sock_filter), &n);

	if (!text)
		die(ERR_TOOL, "--seccomp: cannot read descriptor %d: %m", fd);
	if (n == 0 || n % sizeof(struct sock_filter) != 0)
		die(ERR_TOOL, "--seccomp: descriptor %d holds no filter", fd);
	return (struct sock_fprog){
	    (unsigned short)(n / sizeof(struct sock_filter)),
	    (struct sock_filter *)(void *)text};
}

/*
 * All are read before the first holds.  It may be a list of what is allowed:
 * those have prctl(2), as bubblewrap has it, or seccomp(2).
 */
static void
load_filters(const struct fds *fds)
{
	struct sock_fprog *all = mem_alloc((fds->n + 1) * sizeof(*all));

	for (size_t i = 0; i < fds->n; i++)
		all[i] = read_filter(fds->v[i]);
	for (size_t i = 0; i < fds->n; i++)
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all[i], 0, 0) <
			0 &&
		    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &all[i]) <
			0)
			die(ERR_TOOL,
			    "--seccomp: the kernel refuses the filter in "
			    "descriptor %d: %m",
			    fds->v[i]);
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
set_exec_label(const struct ns *ns, int proc)
{
	if (ns->exec_label &&
	    fd_write_file(proc, "self/attr/exec", ns->exec_label) < 0)
		die(ERR_TOOL, "--exec-label: cannot become '%s': %m",
		    ns->exec_label);
}

/* Waits until the reaper has given up its capabilities. */
static void
wait_for_reaper(int ready)
{
	eventfd_t one;

	if (ready >= 0 && eventfd_read(ready, &one) < 0)
		die(ERR_TOOL, "cannot wait for pid 1: %m");
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
execute_prog(const struct ns *ns, int sock)
{
	char *name = ns->argv[0], *path = chain_find(name);
	int error = errno;
	sigset_t all;

	if (ns->argv0)
		ns->argv[0] = ns->argv0;
	if (path)
		execv(path, ns->argv);
	if (path && errno == ENOEXEC && ns->scripts)
		execute_by_shell(path, ns->argv);
	error = path ? errno : error;
	if (ns->json >= 0)
		message_send(sock, SAY_FAILED, 0);
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
	    mode_t mask, int sock, int ready)
{
	if (ns->new_session && setsid() < 0)
		die(ERR_TOOL, "cannot begin a session: %m");
	if (ns->leads)
		lead_group();
	if (!ns->inherits) {
		leave_keyring();
		forbid_cores();
	}
	if (ns->processes > 0)
		bound_processes(ns->processes);
	namespaces_enter_last(ns, proc);
	if (ns->assert_disabled)
		check_disabled();
	set_exec_label(ns, proc);
	/* root that gives up its id in there is to lose what it had by it */
	caps_limit(ns->caps, !ns->inherits || ns->caps == 0);
	if (!ns->inherits)
		restrict_reach(&ns->sockets);
	if (ns->die_with_parent && !ns_has_reaper(ns))
		message_follow_monitor(sock); /* no reaper takes it along */
	set_environment(ns);
	set_directory(ns);
	umask(mask);
	wait_for_reaper(ready);
	close_descriptors(ns);
	restore_signals(sig);
	if (ns->json >= 0)
		message_send(sock, SAY_STARTED, 0);
	load_filters(&ns->filters);
	execute_prog(ns, sock);
}
