/*
 * pid 1 inside.  Its end is the end of every process there, so it ends when
 * prog does and when the monitor does.
 *
 * It is in the caller's process group, as prog is when it starts, and
 * receives what is sent to the group: that is how it tells a signal that
 * prog has got already from one that was sent to the monitor alone.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "pen-ns/ns.h"

/* Where this process keeps the only descriptors that it has. */
enum { SOCK, SIGNALS };

struct reaper {
	pid_t prog;
	unsigned char seen[_NSIG]; /* came with the group's, not yet told */
};

static void
tell(int message)
{
	unsigned char byte = (unsigned char)message;

	send(SOCK, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
wait_children(const struct reaper *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != r->prog)
			continue;
		if (WIFEXITED(status))
			_exit(WEXITSTATUS(status));
		if (WIFSIGNALED(status)) {
			tell(WTERMSIG(status) | REAPER_DIED);
			_exit(128 + WTERMSIG(status));
		}
		tell(WSTOPSIG(status));
	}
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
	pid_t group = getpgid(r->prog);

	take_signals(r);
	if (r->seen[sig] || to_group) {
		r->seen[sig] = 0;
		if (group == getpgrp())
			return;
	}
	kill(sig == SIGCONT && group == r->prog ? -group : r->prog, sig);
}

static void
keep_two(int sock)
{
	sigset_t all;
	int fds[] = {[SOCK] = sock, [SIGNALS] = -1};

	sigfillset(&all);
	fds[SIGNALS] = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fds[SIGNALS] < 0 || fd_keep_only(fds, SIGNALS + 1) < 0)
		die(ERR_TOOL, "cannot wait for prog: %m");
}

void
reaper_run(pid_t prog, int sock)
{
	struct pollfd fds[] = {{.fd = SOCK, .events = POLLIN},
			       {.fd = SIGNALS, .events = POLLIN}};
	struct reaper r = {.prog = prog};
	unsigned char sig;

	keep_two(sock);
	for (;;) {
		ssize_t n;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			_exit(ERR_TOOL);
		take_signals(&r);
		if (!fds[0].revents)
			continue;
		n = recv(SOCK, &sig, 1, MSG_DONTWAIT);
		if (n == 0)
			_exit(128 + SIGKILL); /* the monitor is gone */
		if (n == 1 && (sig & ~REAPER_GROUP) < _NSIG)
			forward(&r, sig & ~REAPER_GROUP, sig & REAPER_GROUP);
	}
}
