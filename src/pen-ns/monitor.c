/*
 * The monitor is the process that the caller started.  It waits for pid 1,
 * passes on the signals that it gets, stops when prog stops, so that the
 * caller's shell sees what it would see of prog, and looks after the
 * terminal's foreground process group, which nobody inside can give back:
 * process groups outside have no number there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "pen-ns/ns.h"

/* Where this process keeps the only descriptors that it has. */
enum { SOCK, SIGNALS, MESSAGES, TTY };

static volatile sig_atomic_t continued;

struct monitor {
	pid_t child;
	int as_pid_1;
	int status;	/* pen-ns', or -1 while the child lives */
	int died;	/* the signal that killed prog, or 0 */
	int tty;	/* TTY, or -1 without a terminal */
	int foreground; /* our process group had the terminal last */
};

static void
note_continue(int sig)
{
	(void)sig;
	continued = 1;
}

static void
look_at_terminal(struct monitor *m)
{
	m->foreground = m->tty >= 0 && tcgetpgrp(m->tty) == getpgrp();
}

/*
 * Stops as prog did.  A SIGCONT may come at any time, and after it we must not
 * stop: it is either noted by the handler before the stop is raised, or takes
 * the stop away while that is pending (signal(7)).  An orphaned group is not
 * stopped by the terminal's signals, and then this does nothing.
 */
static void
stop(int sig)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, dfl = {0}, old;
	sigset_t cont, stops;

	sigemptyset(&cont);
	sigaddset(&cont, SIGCONT);
	sigemptyset(&stops);
	sigaddset(&stops, sig);
	continued = 0;
	sigprocmask(SIG_UNBLOCK, &cont, NULL);
	sigaction(sig, &dfl, &old);
	raise(sig);
	if (continued)
		sigaction(sig, &ignore, NULL);
	sigprocmask(SIG_UNBLOCK, &stops, NULL);
	sigprocmask(SIG_BLOCK, &stops, NULL);
	sigprocmask(SIG_BLOCK, &cont, NULL);
	sigaction(sig, &old, NULL);
}

/* prog stopped: whoever started us is to see it, and to have the terminal. */
static void
stop_with_prog(struct monitor *m, int sig)
{
	unsigned char cont = SIGCONT;
	pid_t inner = 0;

	if (m->foreground) {
		inner = tcgetpgrp(m->tty);
		if (inner == getpgrp())
			inner = 0;
		if (inner > 0)
			tcsetpgrp(m->tty, getpgrp());
	}
	stop(sig);
	look_at_terminal(m);
	if (m->foreground && inner > 0)
		tcsetpgrp(m->tty, inner);
	if (!continued)
		return;
	if (m->as_pid_1)
		kill(m->child, SIGCONT);
	else
		send(SOCK, &cont, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Takes what pid 1 has said; 0 when there is no more, now or ever. */
static int
take_message(struct monitor *m)
{
	unsigned char byte;

	if (recv(SOCK, &byte, 1, MSG_DONTWAIT) != 1)
		return 0;
	if (byte & REAPER_DIED)
		m->died = byte & ~REAPER_DIED;
	else
		stop_with_prog(m, byte);
	return 1;
}

static void
wait_child(struct monitor *m)
{
	int status;

	if (waitpid(m->child, &status,
		    WNOHANG | (m->as_pid_1 ? WUNTRACED : 0)) != m->child)
		return;
	if (WIFSTOPPED(status)) {
		stop_with_prog(m, WSTOPSIG(status));
		return;
	}
	if (WIFEXITED(status))
		m->status = WEXITSTATUS(status);
	else
		m->status = 128 + WTERMSIG(status);
	if (m->as_pid_1 && WIFSIGNALED(status))
		m->died = WTERMSIG(status);
	while (!m->as_pid_1 && take_message(m))
		; /* what it said last came before its end */
}

static void
take_signals(struct monitor *m)
{
	struct signalfd_siginfo info;
	unsigned char sig;
	int group; /* sent by the terminal to our whole group */

	while (m->status < 0 &&
	       read(SIGNALS, &info, sizeof(info)) == sizeof(info)) {
		sig = (unsigned char)info.ssi_signo;
		if (sig == SIGCHLD) {
			wait_child(m);
			continue;
		}
		if (sig == SIGCONT)
			look_at_terminal(m);
		group = info.ssi_code == SI_KERNEL &&
			(sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU);
		if (group)
			sig |= REAPER_GROUP;
		if (!m->as_pid_1)
			send(SOCK, &sig, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
		else if (info.ssi_code != SI_KERNEL)
			kill(m->child, sig); /* the terminal's, it has */
	}
}

/* Nothing else that we inherited stays open: a pipe ends when prog ends it. */
static void
keep_four(struct monitor *m, int sock)
{
	sigset_t all;
	int fds[TTY + 1] = {[SOCK] = sock, [MESSAGES] = STDERR_FILENO};

	sigfillset(&all);
	fds[SIGNALS] = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	fds[TTY] = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	m->tty = fds[TTY] < 0 ? -1 : TTY;
	if (fcntl(MESSAGES, F_GETFD) < 0)
		fds[MESSAGES] = -1;
	if (fds[SIGNALS] < 0 || fd_keep_only(fds, TTY + 1) < 0)
		die(ERR_TOOL, "cannot wait for prog: %m");
}

/*
 * What took the terminal inside is dead now, and the terminal is nobody's;
 * SIGTTOU is blocked.
 */
static void
restore_terminal(const struct monitor *m)
{
	pid_t now;

	if (!m->foreground)
		return;
	now = tcgetpgrp(m->tty);
	if (now > 0 && now != getpgrp() && kill(-now, 0) < 0 && errno == ESRCH)
		tcsetpgrp(m->tty, getpgrp());
}

int
monitor_run(const struct ns *ns, pid_t child, int sock, int *died)
{
	struct pollfd fds[] = {{.fd = SOCK, .events = POLLIN},
			       {.fd = SIGNALS, .events = POLLIN}};
	struct sigaction note = {.sa_handler = note_continue};
	struct monitor m = {
		.child = child, .as_pid_1 = ns->as_pid_1, .status = -1};

	sigaction(SIGCONT, &note, NULL);
	keep_four(&m, sock);
	look_at_terminal(&m);
	while (m.status < 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die(ERR_TOOL, "cannot wait for prog: %m");
		if (fds[0].revents && !take_message(&m))
			fds[0].fd = -1; /* closed: SIGCHLD will follow */
		take_signals(&m);
	}
	restore_terminal(&m);
	*died = m.died;
	return m.status;
}

void
monitor_die(int sig)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	struct rlimit none = {1, 1}; /* see forbid_cores() */
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	setrlimit(RLIMIT_CORE, &none);
	sigaction(sig, &dfl, NULL);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
