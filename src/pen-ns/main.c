/*
 * pen-ns: run a program in new namespaces, with a file view of its own.
 *
 *	monitor  the process that was started; stays in the caller's
 *	         namespaces and waits (monitor.c)
 *	pid 1    its child, in new user, mount, pid, IPC, UTS and cgroup
 *	         namespaces; builds the view, then waits (reaper.c)
 *	prog     child of pid 1, in a further user namespace (prog.c)
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/userns.h"
#include "pen-ns/ns.h"

static void
follow_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot watch the parent process: %m");
	if (getppid() != parent)
		_exit(128 + SIGKILL); /* it ended before we watched */
}

/* Every signal waits from here on: the monitor and pid 1 read them. */
static void
hold_signals(struct signals *sig)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL}, old;
	sigset_t all;

	sigfillset(&all);
	/* waitpid(2) finds nothing where SIGCHLD is ignored */
	if (sigprocmask(SIG_SETMASK, &all, &sig->mask) < 0 ||
	    sigaction(SIGCHLD, &dfl, &old) < 0)
		die(ERR_TOOL, "cannot hold signals back: %m");
	sig->chld_ignored = old.sa_handler == SIG_IGN;
}

/*
 * Limits that hold in our user namespace and below it.  Prog's own is the one
 * that may be made; without another it can make no namespace of any kind.
 */
static void
forbid_namespaces(int proc)
{
	static const char *const rest[] = {"cgroup", "ipc",  "mnt", "net",
					   "pid",    "time", "uts"};
	int limits = openat(proc, "sys/user", O_PATH | O_CLOEXEC);
	static const char read_only[] =
		"/proc/sys is read-only here, as in containers: docker run "
		"--security-opt systempaths=unconfined; or allow them with "
		"--nested";
	char path[64];

	if (limits < 0 ||
	    fd_write_file(limits, "max_user_namespaces", "1") < 0)
		die_hint(errno == EROFS ? read_only : NULL,
			 "cannot forbid user namespaces inside: %m");
	for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
		snprintf(path, sizeof(path), "max_%s_namespaces", rest[i]);
		if (fd_write_file(limits, path, "0") < 0 && errno != ENOENT)
			die(ERR_TOOL, "cannot write /proc/sys/user/%s: %m",
			    path);
	}
	close(limits);
}

static void
raise_loopback(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0)
		die(ERR_TOOL, "cannot bring the loopback interface up: %m");
	close(fd);
}

static char *
copy(const char *s)
{
	return s ? mem_copy(s) : NULL;
}

/*
 * What pen-ns was called with can be read in /proc/1/cmdline, and without
 * protection in /proc/1/environ: prog's copies move to the heap, and the
 * originals are wiped.
 */
static void
forget_arguments(struct ns *ns, int argc, char **argv)
{
	struct strv prog = {0}, env = {0};
	char *end = argv[argc - 1] + strlen(argv[argc - 1]) + 1;

	for (char **p = ns->argv; *p; p++)
		strv_push(&prog, mem_copy(*p));
	for (char **p = environ; *p; p++) {
		if (*p == end)
			end += strlen(*p) + 1;
		strv_push(&env, mem_copy(*p));
	}
	for (size_t i = 0; i < ns->env.n; i++)
		ns->env.v[i] = mem_copy(ns->env.v[i]);
	ns->argv = prog.v;
	environ = env.v ? env.v : (char *[]){NULL};
	ns->chdir = copy(ns->chdir);
	ns->argv0 = copy(ns->argv0);
	ns->exec_label = copy(ns->exec_label);
	memset(argv[0], 0, (size_t)(end - argv[0]));
	if (end - argv[0] > (ptrdiff_t)strlen(err_prog))
		memcpy(argv[0], err_prog, strlen(err_prog));
}

/*
 * pid 1 ends with the monitor, and nobody inside looks into its memory.  Who
 * asked for its number on a descriptor is to be able to look at it: called as
 * bwrap it is as open as bubblewrap's then.
 */
static void
protect(const struct ns *ns, int sock)
{
	if ((ns->strict || ns->die_with_parent) &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot watch the monitor: %m");
	if ((ns->strict || (ns->info < 0 && ns->json < 0)) &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot protect pid 1: %m");
	if (ns->strict || ns->die_with_parent)
		monitor_check(sock);
}

static _Noreturn void
jail(struct ns *ns, const struct signals *sig, int sock, int argc, char **argv)
{
	int proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	mode_t mask = umask(0);
	pid_t pid;
	int waits;

	if (proc < 0)
		die(ERR_TOOL, "cannot open /proc: %m");
	spaces_settle(ns, sig, sock, proc);
	if (ns->hostname && sethostname(ns->hostname, strlen(ns->hostname)) < 0)
		/* a container's seccomp profile may refuse this one only */
		die_hint(errno == EPERM ? userns_remedy(errno) : NULL,
			 "cannot set the host name: %m");
	if (ns->spaces & CLONE_NEWNET)
		raise_loopback();
	view_build(ns);
	/* not before: each detached mount is in a mount namespace of its own */
	if (!ns->nested)
		forbid_namespaces(proc);
	reaper_lock(ns);
	forget_arguments(ns, argc, argv);
	protect(ns, sock);
	if (ns->block >= 0)
		spaces_block(ns->block, sig, sock);
	/* for prog too: forty capabilities are forty microseconds */
	if (!spaces_apart(ns))
		ns->bounding = caps_bound(ns->caps, ns->bounding);
	if (!reaper_wanted(ns))
		prog_become(ns, sig, proc, mask, sock);
	reaper_forget_signals();
	/*
	 * prog's set-up runs in this memory, while this process waits until it
	 * has executed prog: no page is copied.  But while a filter has yet to
	 * come out of a pipe signals are passed on.
	 */
	waits = prog_waits(ns);
	pid = waits ? fork() : vfork();
	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid == 0) {
		if (!waits)
			reaper_note_stops();
		prog_become(ns, sig, proc, mask, sock);
	}
	caps_limit(0, ns->bounding, 1);
	reaper_run(ns, pid, sock);
}

/* Called as bwrap it is bubblewrap, down to its exit status. */
static int
name_decides(const char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

	err_prog = "pen-ns";
	if (!argv0 || strcmp(slash ? slash + 1 : argv0, "bwrap") != 0)
		return 1;
	err_prog = "bwrap";
	err_status = 1;
	return 0;
}

int
main(int argc, char **argv)
{
	pid_t parent = getppid(), child;
	struct ns ns = {.strict = name_decides(argv[0])};
	struct signals sig;
	int sock[2], status, died;

	options_read(&ns, argc, argv);
	if (ns.die_with_parent)
		follow_parent(parent);
	ns.cwd = getcwd(mem_alloc(PATH_MAX), PATH_MAX);
	report_start(&ns);
	hold_signals(&sig);
	ns.leads = monitor_alone(&ns);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0)
		die(ERR_TOOL, "cannot make a socket pair: %m");
	child = spaces_clone(&ns, sock);
	if (child == 0) {
		close(sock[0]);
		jail(&ns, &sig, sock[1], argc, argv);
	}
	close(sock[1]);
	status_start(&ns, child, sock[0]);
	status = monitor_run(&ns, child, sock[0], &died);
	report_end(&ns);
	links_end(&ns);
	/*
	 * A shell ends its loop on Ctrl-C, and puts its terminal in order, only
	 * when the command died of the signal; its $? is 128+n either way.
	 */
	if (died > 0 && ns.strict)
		monitor_die(died);
	return status;
}
