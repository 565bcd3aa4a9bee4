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

/* fork(2) into the new namespaces: 0 in pid 1, its pid in the monitor. */
static pid_t
clone_jail(const struct ns *ns)
{
	unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID |
			      CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
	pid_t pid;

	if (ns->unshare_net)
		flags |= CLONE_NEWNET;
	/* without a stack of its own the child goes on on a copy of ours */
	pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);
	if (pid < 0)
		die_hint(userns_remedy(errno),
			 "cannot make the namespaces: %m");
	return pid;
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
	static const char read_only[] =
		"/proc/sys is read-only here, as in containers: docker run "
		"--security-opt systempaths=unconfined; or allow them with "
		"--nested";
	char path[64];

	if (fd_write_file(proc, "sys/user/max_user_namespaces", "1") < 0)
		die_hint(errno == EROFS ? read_only : NULL,
			 "cannot forbid user namespaces inside: %m");
	for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++) {
		snprintf(path, sizeof(path), "sys/user/max_%s_namespaces",
			 rest[i]);
		if (fd_write_file(proc, path, "0") < 0 && errno != ENOENT)
			die(ERR_TOOL, "cannot write /proc/%s: %m", path);
	}
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

/*
 * What pen-ns was called with can be read in /proc/1/cmdline, and without
 * protection in /proc/1/environ: prog's copies move to the heap, which nobody
 * inside can read, and the originals are wiped.
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
	if (ns->chdir)
		ns->chdir = mem_copy(ns->chdir);
	memset(argv[0], 0, (size_t)(end - argv[0]));
	if (end - argv[0] > (ptrdiff_t)sizeof("pen-ns"))
		memcpy(argv[0], "pen-ns", sizeof("pen-ns"));
}

/* Has the monitor ended before we asked to end with it? */
static void
check_monitor(int sock)
{
	char c;

	if (recv(sock, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		_exit(128 + SIGKILL);
}

static _Noreturn void
jail(struct ns *ns, const struct signals *sig, int sock, int argc, char **argv)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	mode_t mask = umask(0);
	pid_t pid;

	if (proc < 0)
		die(ERR_TOOL, "cannot open /proc: %m");
	userns_map(proc, ns->inner_uid, ns->uid, ns->inner_gid, ns->gid);
	if (ns->hostname && sethostname(ns->hostname, strlen(ns->hostname)) < 0)
		die(ERR_TOOL, "cannot set the host name: %m");
	if (ns->unshare_net)
		raise_loopback();
	view_build(ns);
	/* not before: each detached mount is in a mount namespace of its own */
	if (!ns->nested)
		forbid_namespaces(proc);
	forget_arguments(ns, argc, argv);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot protect pid 1: %m");
	check_monitor(sock);
	if (ns->as_pid_1)
		prog_become(ns, sig, proc, mask);
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid == 0)
		prog_become(ns, sig, proc, mask);
	caps_limit(0);
	reaper_run(pid, sock);
}

int
main(int argc, char **argv)
{
	pid_t parent = getppid(), child;
	struct signals sig;
	struct ns ns;
	int sock[2], status, died;

	err_prog = "pen-ns";
	options_read(&ns, argc, argv);
	if (ns.die_with_parent)
		follow_parent(parent);
	ns.cwd = getcwd(NULL, 0);
	report_start(&ns);
	hold_signals(&sig);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0)
		die(ERR_TOOL, "cannot make a socket pair: %m");
	child = clone_jail(&ns);
	if (child == 0) {
		close(sock[0]);
		jail(&ns, &sig, sock[1], argc, argv);
	}
	close(sock[1]);
	status = monitor_run(&ns, child, sock[0], &died);
	report_end(&ns);
	/*
	 * A shell ends its loop on Ctrl-C, and puts its terminal in order, only
	 * when the command died of the signal; its $? is 128+n either way.
	 */
	if (died > 0)
		monitor_die(died);
	return status;
}
