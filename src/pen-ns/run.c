/*
 * The plan, carried out by three processes:
 *
 *	monitor  the process that was started; stays in the caller's
 *	         namespaces and waits as pen-monitor(1), see outside.c
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
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/message.h"
#include "lib/userns.h"
#include "pen-ns/build.h"
#include "pen-ns/caps.h"
#include "pen-ns/namespaces.h"
#include "pen-ns/ns.h"
#include "pen-ns/outside.h"
#include "pen-ns/prog.h"
#include "pen-ns/reaper.h"
#include "pen-ns/run.h"

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
	static const char missing[] =
	    "/proc has no sys here: mount it without subset=pid";
	char path[64];

	if (limits < 0 || fd_write_file(limits, "max_user_namespaces", "1") < 0)
		die_hint(errno == EROFS	   ? read_only
			 : errno == ENOENT ? missing
					   : NULL,
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

static void
make_network(int proc)
{
	raise_loopback();
	userns_allow_ping(proc, getegid());
}

static char *
copy_or_null(const char *s)
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
	environ = env.v ? env.v : mem_alloc(sizeof(*env.v)); /* only NULL */
	ns->chdir = copy_or_null(ns->chdir);
	ns->argv0 = copy_or_null(ns->argv0);
	ns->exec_label = copy_or_null(ns->exec_label);
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
protect_pid_1(const struct ns *ns, int sock)
{
	if ((!ns->inspected || (ns->info < 0 && ns->json < 0)) &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot protect pid 1: %m");
	if (!ns->stays || ns->die_with_parent)
		message_follow_monitor(sock);
}

static _Noreturn void
run_inside(struct ns *ns, const struct signals *sig, int sock, int argc,
	   char **argv)
{
	int proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	mode_t mask = umask(0);
	pid_t pid;
	int ready, layer;

	if (proc < 0)
		die(ERR_TOOL, "cannot open /proc: %m");
	namespaces_settle(ns, sig, sock, proc);
	if (ns->hostname && sethostname(ns->hostname, strlen(ns->hostname)) < 0)
		/* a container's seccomp profile may refuse this one only */
		die_hint(errno == EPERM ? chain_remedy("namespace", errno)
					: NULL,
			 "cannot set the host name: %m");
	if (ns->unshare & CLONE_NEWNET)
		make_network(proc);
	layer = build_view(ns);
	/* a copy of the mounts, in which nothing but this leads to the layer */
	if (layer >= 0 && fchdir(layer) < 0)
		die(ERR_TOOL, "cannot enter the layer of drafts: %m");
	namespaces_lock_mounts(ns, proc);
	if (layer >= 0)
		outside_send_layer(ns, proc);
	/* not before: each detached mount is in a mount namespace of its own */
	if (!ns->nested)
		forbid_namespaces(proc);
	reaper_lock(ns);
	forget_arguments(ns, argc, argv);
	protect_pid_1(ns, sock);
	if (ns->block >= 0)
		namespaces_wait_fd(ns->block, sig, sock);
	outside_wait_watch(ns);
	outside_note_start(ns);
	if (!ns_has_reaper(ns))
		prog_become(ns, sig, proc, mask, sock, -1);
	reaper_forget_signals();
	/* prog begins when this process has given up its capabilities */
	ready = eventfd(0, EFD_CLOEXEC);
	pid = ready < 0 ? -1 : fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot start prog: %m");
	if (pid == 0)
		prog_become(ns, sig, proc, mask, sock, ready);
	caps_limit(0, 1);
	if (eventfd_write(ready, 1) < 0)
		die(ERR_TOOL, "cannot let prog begin: %m");
	reaper_run(ns, pid, sock);
}

void
run_jail(struct ns *ns, int argc, char **argv)
{
	struct signals sig;
	pid_t child;
	int sock[2];

	if (ns->die_with_parent)
		follow_parent(ns->parent);
	ns->cwd = getcwd(NULL, 0); /* NULL where it has no name */
	hold_signals(&sig);
	outside_prepare(ns);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0)
		die(ERR_TOOL, "cannot make a socket pair: %m");
	child = namespaces_clone(ns, sock);
	if (child == 0) {
		close(sock[0]);
		if (ns->watch)
			close(ns->watching[0]); /* to see the end of it */
		unsetenv("PEN_HELPERS");	/* pen-monitor ends them */
		run_inside(ns, &sig, sock[1], argc, argv);
	}
	outside_become(ns, &sig, child, sock[0]);
}
