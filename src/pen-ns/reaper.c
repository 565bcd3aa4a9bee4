/*
 * The process in the jail that waits for prog.  As pid 1 its end is the end of
 * every process there, so it ends when prog does and when the monitor does;
 * as bubblewrap's it stays until the last process has ended, unless
 * --die-with-parent is given.
 *
 * It is in the caller's process group, as prog is unless it leads one, and
 * receives what is sent to the group: that is how it tells a signal that
 * prog has got already from one that was sent to the monitor alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "pen-ns/ns.h"

/* Where this process keeps the descriptors that it reads. */
enum { SOCK, SIGNALS };

/* What would have stopped the child that was not prog yet, or 0. */
static volatile sig_atomic_t noted;

struct reaper {
	pid_t prog;  /* 0 when it has ended */
	int stopped; /* the signal that prog is stopped by, or 0 */
	int stays;
	int open;  /* descriptors: the two, and what is held */
	int upper; /* a directory of the host's is an overlay's upper layer */
	unsigned char seen[_NSIG]; /* came with the group's, not yet told */
};

int
reaper_wanted(const struct ns *ns)
{
	return !ns->as_pid_1 &&
	       (ns->spaces & CLONE_NEWPID || ns->held.n > 0 || ns->locks.n > 0);
}

/* A lock of the open file, which survives that descriptors are moved. */
void
reaper_lock(struct ns *ns)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	for (size_t i = 0; i < ns->locks.n; i++) {
		int fd = open(ns->locks.v[i],
			      O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

		if (fd < 0 || fcntl(fd, F_OFD_SETLK, &lock) < 0)
			die(ERR_TOOL, "cannot lock '%s': %m", ns->locks.v[i]);
		fds_push(&ns->held, fd);
	}
}

/* What loses its parent becomes a child of pid 1: with none, nobody is left. */
static int
nobody_left(void)
{
	pid_t pid = waitpid(-1, NULL, WNOHANG);

	if (pid < 0 && errno != ECHILD)
		err_exit(ERR_TOOL);
	return pid < 0;
}

/*
 * As pid 1: the monitor need not wait until the kernel has taken the mounts
 * apart, when there is nobody that would have to die first.  What is held open
 * is let go of before; an upper layer the kernel gives back with the mounts,
 * and two overlays of one are not defined (its overlayfs.rst).
 */
static _Noreturn void
end_with_prog(const struct reaper *r, int status)
{
	if (!r->upper && nobody_left()) {
		for (int fd = SIGNALS + 1; fd < r->open; fd++)
			close(fd);
		say(SOCK, SAY_EXITED, status);
	}
	_exit(status);
}

static void
end(const struct reaper *r, enum message_kind kind, int value)
{
	if (r->stays || kind == SAY_DIED)
		say(SOCK, kind, value);
	if (!r->stays)
		end_with_prog(r, kind == SAY_DIED ? 128 + value : value);
}

static void
wait_children(struct reaper *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status,
			      WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (pid != r->prog)
			continue;
		if (WIFSTOPPED(status) || WIFCONTINUED(status)) {
			r->stopped = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
			if (r->stopped)
				say(SOCK, SAY_STOPPED, r->stopped);
			continue;
		}
		r->prog = r->stopped = 0;
		if (WIFEXITED(status))
			end(r, SAY_EXITED, WEXITSTATUS(status));
		else
			end(r, SAY_DIED, WTERMSIG(status));
	}
	if (pid < 0 && errno == ECHILD)
		_exit(0); /* the last one has ended after prog */
	if (pid < 0)
		err_exit(ERR_TOOL);
}

static void
take_signals(struct reaper *r)
{
	struct signalfd_siginfo info;

	while (read(SIGNALS, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			wait_children(r);
		else if (info.ssi_pid == 0 && info.ssi_signo < _NSIG)
			/* from outside: inside has no say in this */
			r->seen[info.ssi_signo] = 1;
	}
}

/* The monitor got sig: prog gets it, unless it has it from where I have. */
static void
forward(struct reaper *r, int sig, int to_group)
{
	int all = sig == SIGCONT;
	pid_t group;

	take_signals(r);
	if (r->prog == 0)
		return;
	group = getpgid(r->prog);
	if (r->seen[sig] || to_group) {
		r->seen[sig] = 0;
		if (group == getpgrp())
			return;
		all = 1;
	}
	kill(all && group == r->prog ? -group : r->prog, sig);
}

/* Is prog still stopped?  What was said of it before came too late. */
static void
answer(struct reaper *r)
{
	wait_children(r);
	if (r->stopped)
		say(SOCK, SAY_STOPPED, r->stopped);
}

/* The two, and after them what is held open; how many that are. */
static int
keep_only(const struct ns *ns, int sock)
{
	int fds[FD_KEEP_MAX] = {[SOCK] = sock, [SIGNALS] = -1};
	size_t n = SIGNALS + 1;
	sigset_t all;

	sigfillset(&all);
	fds[SIGNALS] = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	for (size_t i = 0; i < ns->held.n; i++)
		fds[n++] = ns->held.v[i];
	if (fds[SIGNALS] < 0 || fd_keep_only(fds, n) < 0)
		die(ERR_TOOL, "cannot wait for prog: %m");
	return (int)n;
}

static int
has_upper(const struct ns *ns)
{
	for (size_t i = 0; i < ns->nops; i++)
		if (ns->ops[i].kind == OP_OVERLAY && ns->ops[i].src)
			return 1;
	return 0;
}

/*
 * What the group was sent while the view was made is pending here, and prog
 * will not have it: it would pass for something that prog has got already.
 */
void
reaper_forget_signals(void)
{
	struct timespec now = {0};
	sigset_t all;

	sigfillset(&all);
	while (sigtimedwait(&all, NULL, &now) > 0)
		;
}

static void
note(int sig)
{
	noted = sig == SIGCONT ? 0 : sig;
}

/*
 * A child that stopped while this process waits for it to execute prog would
 * be seen by nobody, and nobody would continue it: Ctrl-Z was the end of the
 * terminal.  Its handlers are its own, its memory is ours, and execve(2) ends
 * the handlers.
 */
void
reaper_note_stops(void)
{
	static const int stops[] = {SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};
	struct sigaction handler = {.sa_handler = note,
				    .sa_flags = SA_RESTART}, old;

	for (size_t i = 0; i < sizeof(stops) / sizeof(*stops); i++)
		if (sigaction(stops[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_DFL)
			sigaction(stops[i], &handler, NULL);
}

void
reaper_run(const struct ns *ns, pid_t prog, int sock)
{
	struct pollfd fds[] = {{.fd = SOCK, .events = POLLIN},
			       {.fd = SIGNALS, .events = POLLIN}};
	struct reaper r = {.prog = prog,
			   .stays = !ns->strict,
			   .upper = has_upper(ns)};
	struct message m;

	r.open = keep_only(ns, sock);
	if (noted)
		kill(prog, noted);
	for (;;) {
		int n;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			err_exit(ERR_TOOL);
		take_signals(&r);
		if (!fds[0].revents)
			continue;
		n = hear(SOCK, &m, MSG_DONTWAIT);
		if (n == 0 && !r.stays)
			_exit(128 + SIGKILL); /* the monitor is gone */
		if (n == 0)
			fds[0].fd = -1;
		if (n == 1 && m.kind == SAY_ASK)
			answer(&r);
		else if (n == 1 && m.value > 0 && m.value < _NSIG)
			forward(&r, m.value, m.kind == SAY_PASS_GROUP);
	}
}
