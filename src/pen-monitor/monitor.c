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
#include "lib/message.h"
#include "lib/terminal.h"
#include "pen-monitor/end.h"
#include "pen-monitor/monitor.h"
#include "pen-monitor/plan.h"
#include "pen-monitor/status.h"

/* Where this process keeps the only descriptors that it has. */
enum { SOCK, SIGNALS, MESSAGES, TTY, JSON, LAYER, MANIFEST, EVENTS, FDS };

static volatile sig_atomic_t continued;

struct monitor {
	pid_t child;
	int direct;	/* the child is prog itself */
	int waits;	/* for the child, even when prog has died */
	int status;	/* pen-ns', or -1 while it runs */
	int told;	/* prog's, as the child has it, or -1 */
	int died;	/* the signal that killed prog, or 0 */
	int started;	/* prog was executed */
	int tty;	/* TTY, or -1 without a terminal */
	int leads;	/* prog leads its own process group */
	pid_t inner;	/* the group in the jail that had it last, or 0 */
	int foreground; /* our process group or that one had it last */
};

static void
note_continue(int sig)
{
	(void)sig;
	continued = 1;
}

/*
 * A prog that leads its group has the terminal from us, and may give it to
 * another group in the jail.  While we did not have it, it is any other job's.
 */
static void
look_at_terminal(struct monitor *m)
{
	pid_t now = m->tty >= 0 ? tcgetpgrp(m->tty) : -1;

	if (m->leads && m->foreground && now > 0 && now != getpgrp() &&
	    now != getpgid(getppid()))
		m->inner = now;
	m->foreground = now > 0 && (now == getpgrp() || now == m->inner);
}

/*
 * "fg" of what runs in the background tells nobody: prog has stopped because
 * it wanted the terminal that is there for it.  Returns whether it has it now.
 */
static int
lend_terminal(const struct monitor *m, int sig)
{
	return (sig == SIGTTIN || sig == SIGTTOU) && m->inner > 0 &&
	       tcgetpgrp(m->tty) == getpgrp() &&
	       tcsetpgrp(m->tty, m->inner) == 0;
}

/*
 * Stops as prog did.  A SIGCONT may come at any time, and after it we must not
 * stop: it is either noted by the handler before the stop is raised, or takes
 * the stop away while that is pending (signal(7)).  An orphaned group is not
 * stopped by the terminal's signals, and then this does nothing.
 */
static void
stop_like_prog(int sig)
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

/*
 * While this process is stopped, or runnable on a busy machine, prog may have
 * been continued and stopped again, and the terminal's signal has stopped both:
 * what the child said of that is past when we go on.  1: there was such a word.
 */
static int
drop_stops(void)
{
	struct message got;
	int dropped = 0;

	while (message_receive(SOCK, &got, MSG_DONTWAIT | MSG_PEEK) == 1 &&
	       got.kind == SAY_STOPPED) {
		message_receive(SOCK, &got, MSG_DONTWAIT);
		dropped = 1;
	}
	return dropped;
}

/* prog stopped: whoever started us is to see it, and to have the terminal. */
static void
stop_with_prog(struct monitor *m, int sig)
{
	pid_t now;

	if (lend_terminal(m, sig)) {
		message_send(SOCK, SAY_PASS, SIGCONT);
		return;
	}
	if (m->foreground) {
		now = tcgetpgrp(m->tty);
		if (now > 0 && now != getpgrp()) {
			m->inner = now;
			tcsetpgrp(m->tty, getpgrp());
		} else if (!m->leads) {
			m->inner = 0;
		}
	}
	stop_like_prog(sig);
	m->foreground = 0;
	look_at_terminal(m);
	if (m->foreground && m->inner > 0)
		tcsetpgrp(m->tty, m->inner);
	/* no shell looks after us: then Ctrl-Z stops nobody */
	if (!continued && !(m->leads && sig == SIGTSTP))
		return;
	if (m->direct) {
		kill(m->child, SIGCONT);
		return;
	}
	message_send(SOCK, SAY_PASS, SIGCONT);
	if (drop_stops())
		message_send(SOCK, SAY_ASK, 0);
}

/* Takes what the child has said; 0 when there is no more, now or ever. */
static int
take_message(struct monitor *m)
{
	struct message got;

	if (message_receive(SOCK, &got, MSG_DONTWAIT) != 1)
		return 0;
	switch (got.kind) {
	case SAY_STARTED:
	case SAY_FAILED:
		m->started = got.kind == SAY_STARTED;
		break;
	case SAY_STOPPED:
		stop_with_prog(m, got.value);
		break;
	case SAY_EXITED:
		m->status = got.value;
		break;
	case SAY_DIED:
		m->died = got.value;
		m->told = 128 + got.value;
		if (!m->waits)
			m->status = m->told;
		break;
	}
	return 1;
}

static void
wait_child(struct monitor *m)
{
	int status;
	pid_t pid =
	    waitpid(m->child, &status, WNOHANG | (m->direct ? WUNTRACED : 0));

	if (pid < 0)
		die(ERR_TOOL, "cannot wait for prog: %m");
	if (pid == 0)
		return;
	if (WIFSTOPPED(status)) {
		stop_with_prog(m, WSTOPSIG(status));
		return;
	}
	while (take_message(m))
		; /* what it said last came before its end */
	if (m->status >= 0)
		return;
	if (WIFEXITED(status))
		m->status = WEXITSTATUS(status);
	else
		m->status = 128 + WTERMSIG(status);
	if (m->direct && WIFSIGNALED(status))
		m->died = WTERMSIG(status);
	if (m->told >= 0)
		m->status = m->told;
}

static void
take_signals(struct monitor *m)
{
	struct signalfd_siginfo info;
	int sig, group;

	while (m->status < 0 &&
	       read(SIGNALS, &info, sizeof(info)) == sizeof(info)) {
		sig = (int)info.ssi_signo;
		if (sig == SIGCHLD) {
			wait_child(m);
			continue;
		}
		if (sig == SIGCONT)
			look_at_terminal(m);
		/* sent by the terminal to our whole group */
		group = info.ssi_code == SI_KERNEL &&
			(sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU);
		/* prog itself does not listen */
		message_send(SOCK, group ? SAY_PASS_GROUP : SAY_PASS, sig);
		if (m->direct && info.ssi_code != SI_KERNEL)
			kill(m->child, sig); /* the terminal's, it has */
	}
}

/* Nothing else that we inherited stays open: a pipe ends when prog ends it. */
static void
keep_few(struct monitor *m, const struct plan *plan)
{
	sigset_t all;
	int fds[FDS] = {[SOCK] = plan->sock,	     [MESSAGES] = STDERR_FILENO,
			[JSON] = plan->json,	     [LAYER] = plan->layer,
			[MANIFEST] = plan->manifest, [EVENTS] = plan->events};

	sigfillset(&all);
	fds[SIGNALS] = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	fds[TTY] = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	m->tty = fds[TTY] < 0 ? -1 : TTY;
	if (fcntl(MESSAGES, F_GETFD) < 0 && errno == EBADF)
		fds[MESSAGES] = -1;
	if (fds[SIGNALS] < 0 || fd_keep_only(fds, FDS) < 0)
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
monitor_run(const struct plan *plan, int *died)
{
	struct pollfd fds[] = {{.fd = SOCK, .events = POLLIN},
			       {.fd = SIGNALS, .events = POLLIN}};
	struct sigaction note = {.sa_handler = note_continue};
	struct monitor m = {.child = plan->child,
			    .direct = plan->direct,
			    .waits = !plan->stays,
			    .status = -1,
			    .told = -1,
			    .leads = plan->leads,
			    .foreground = plan->leads};

	sigaction(SIGCONT, &note, NULL);
	keep_few(&m, plan);
	if (!m.leads)
		look_at_terminal(&m);
	wait_child(&m); /* it is one, and may have ended already */
	while (m.status < 0) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die(ERR_TOOL, "cannot wait for prog: %m");
		if (fds[0].revents && !take_message(&m))
			fds[0].fd = -1; /* closed: SIGCHLD will follow */
		take_signals(&m);
	}
	restore_terminal(&m);
	if (!plan->plain && m.tty >= 0)
		terminal_release(m.tty);
	if (m.leads && m.foreground && tcgetpgrp(m.tty) == getpgrp())
		terminal_check_size(m.tty, &plan->terminal);
	if (plan->json >= 0 && m.started)
		status_end(JSON, m.status);
	*died = m.died;
	return m.status;
}

void
monitor_end(const struct plan *plan, int status)
{
	end_run(plan,
		&(struct end){end_take_layer(LAYER), MANIFEST,
			      plan->events < 0 ? -1 : EVENTS},
		status);
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
