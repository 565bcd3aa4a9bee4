#include "pen-shell/leader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/control.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-shell/freeze.h"

/* The session's socket is there soon after the start, or never. */
#define RETRY_MS 5
#define RETRIES 2000
/* One for requests, one for events, one for questions. */
#define CONNECTIONS 3

/* How long a pen that was told to end may take before it is killed. */
#define PATIENCE_MS 3000

/* Where this process keeps the only descriptors that it has. */
enum { SOCK, SIGNALS, TTY, SLAVE, ERRAND };

struct shared *
leader_share(void)
{
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		die(ERR_TOOL, "cannot share memory: %m");
	return s;
}

static void
report(int what, int status)
{
	struct report r = {.what = what, .status = status};

	send(SOCK, &r, sizeof(r), MSG_NOSIGNAL);
}

/* Takes note of the pen's stop or end. */
static void
wait_pen(pid_t pen)
{
	int status;

	while (waitpid(pen, &status, WNOHANG | WUNTRACED) == pen) {
		if (WIFSTOPPED(status)) {
			report(LEADER_STOPPED, WSTOPSIG(status));
			continue;
		}
		report(LEADER_ENDED, WIFEXITED(status)
					     ? WEXITSTATUS(status)
					     : 128 + WTERMSIG(status));
		_exit(0);
	}
}

/*
 * The relay was killed: what it switched is switched back.  It may have been
 * taken over before, so what it left is looked at in a copy, and says nothing
 * but numbers.
 */
static void
clean_up(const struct tty *tty, const struct shared *shared)
{
	static struct screen copy;
	char text[SCREEN_TEXT];
	struct tty here = *tty;

	here.in = here.out = TTY;
	if (!shared->ours)
		return;
	copy = shared->screen;
	fd_write_all(TTY, text, screen_leave(&copy, text));
	tty_restore(&here);
}

/* A shell heeds the one, other programs the other. */
static void
end_pen(pid_t pen)
{
	freeze_continue();
	kill(-pen, SIGHUP);
	kill(-pen, SIGTERM);
	kill(-pen, SIGCONT);
}

/* Connects to the pen's session.  Returns whether to try again. */
static int
connect_session(pid_t pen)
{
	struct report r = {.what = LEADER_CONNECTED};
	char name[16];

	snprintf(name, sizeof(name), "%d", (int)pen);
	for (int i = 0; i < CONNECTIONS; i++) {
		int fd = control_connect(name);

		if (fd < 0)
			return i == 0;
		fd_send(SOCK, &r, sizeof(r), &fd, 1);
		close(fd);
	}
	return 0;
}

/* Nothing of this process goes to pen-ctl but a pipe. */
static _Noreturn void
become_ctl(int out, char **argv)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigset_t none;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(out, 5) == 5 && dup2(null, 0) == 0 && dup2(5, 1) == 1 &&
	    dup2(5, 2) == 2 &&
	    syscall(SYS_close_range, 3, ~0U, 0) == 0)
		execv(argv[0], argv);
	_exit(ERR_TOOL);
}

/*
 * Runs argv and writes to text: "+" if all went well, "-" if not, and what
 * it says, as far as there is room.  Returns the length.
 */
static size_t
hear_ctl(char **argv, char *text, size_t size)
{
	int fds[2], status = 1;
	pid_t pid;
	size_t n = 1;
	ssize_t k;

	text[0] = '-';
	if (pipe2(fds, O_CLOEXEC) < 0)
		return n;
	pid = fork();
	if (pid == 0)
		become_ctl(fds[1], argv);
	close(fds[1]);
	while (n < size && (k = read(fds[0], text + n, size - n)) > 0)
		n += (size_t)k;
	close(fds[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0)
		text[0] = '+';
	return n;
}

/*
 * The relay may be somebody else's by now, who may then allow a name for good,
 * and nothing but a name: what is no rule, as rule_format writes it, is none.
 */
static void
run_errand(pid_t pen, char *ctl)
{
	static const char *const verbs[] = {"allow", "deny", "undo"};
	char session[16], rule[288], text[ERRAND_TEXT] = "-";
	struct strv argv = {0};
	const char *verb = NULL;
	struct errand e;
	struct rule r;
	size_t n = 1;

	if (recv(ERRAND, &e, sizeof(e), MSG_DONTWAIT) != sizeof(e))
		return;
	e.rule[sizeof(e.rule) - 1] = '\0';
	for (int i = 0; i < 3; i++)
		if (e.verb == verbs[i][0])
			verb = verbs[i];
	if (verb && !rule_parse(e.rule, &r)) {
		rule_format(&r, rule, sizeof(rule));
		snprintf(session, sizeof(session), "%d", (int)pen);
		strv_push(&argv, ctl);
		strv_push(&argv, verb);
		strv_push(&argv, "--always");
		strv_push(&argv, "--pen");
		strv_push(&argv, session);
		strv_push(&argv, "--");
		strv_push(&argv, rule);
		n = hear_ctl(argv.v, text, sizeof(text));
		free(argv.v);
	}
	send(ERRAND, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int
leader_errand(const struct leader *l, const char *verb, const char *rule,
	      char text[ERRAND_TEXT])
{
	struct pollfd p = {.fd = l->errand, .events = POLLIN};
	struct errand e = {.verb = verb[0]};
	ssize_t n = 0;

	snprintf(e.rule, sizeof(e.rule), "%s", rule);
	if (send(l->errand, &e, sizeof(e), MSG_NOSIGNAL) == sizeof(e) &&
	    poll(&p, 1, 5000) > 0)
		n = recv(l->errand, text, ERRAND_TEXT - 1, MSG_DONTWAIT);
	text[n > 0 ? n : 0] = '\0';
	if (n <= 0)
		return -1;
	n = text[0] == '+' ? 0 : -1;
	memmove(text, text + 1, strlen(text));
	return (int)n;
}

static _Noreturn void
lead(pid_t pen, char *ctl, int offline, const struct tty *tty,
     const struct shared *shared)
{
	struct pollfd fds[] = {{.fd = SOCK, .events = POLLIN},
			       {.fd = SIGNALS, .events = POLLIN},
			       {.fd = ERRAND, .events = POLLIN}};
	struct signalfd_siginfo info;
	int patience = -1, retries = offline ? 0 : RETRIES;
	char order;

	for (;;) {
		int n = poll(fds, 3, retries > 0 ? RETRY_MS : patience);

		if (n == 0 && retries > 0) {
			retries = connect_session(pen) ? retries - 1 : 0;
		} else if (n == 0) {
			kill(pen, SIGKILL);
			patience = -1;
		}
		while (read(SIGNALS, &info, sizeof(info)) == sizeof(info))
			;
		wait_pen(pen);
		if (n > 0 && fds[2].revents == POLLIN)
			run_errand(pen, ctl);
		if (n <= 0 || !fds[0].revents)
			continue;
		if (recv(SOCK, &order, 1, 0) <= 0) {
			clean_up(tty, shared);
			kill(pen, SIGKILL);
			_exit(0);
		}
		switch (order) {
		case LEADER_CONTINUE:
			kill(-pen, SIGCONT);
			break;
		case LEADER_FREEZE:
			freeze_stop(pen);
			break;
		case LEADER_THAW:
			freeze_continue();
			break;
		default:
			end_pen(pen);
			retries = 0;
			patience = PATIENCE_MS;
		}
	}
}

static _Noreturn void
become_pen(int slave, const sigset_t *mask, char **argv)
{
	/* the foreground, so that nothing inside starts in the background */
	if (setpgid(0, 0) < 0 || tcsetpgrp(slave, getpid()) < 0)
		die(ERR_TOOL, "cannot have the pty's foreground: %m");
	for (int i = 0; i < 3; i++)
		if (dup2(slave, i) < 0)
			die(ERR_TOOL, "cannot use the pty: %m");
	sigprocmask(SIG_SETMASK, mask, NULL);
	chain_exec(argv);
}

/* The leader: takes the pty, starts the pen, and says who that is. */
static _Noreturn void
run(const struct leader *l, int sock, int errand, int slave,
    const struct tty *tty, const struct shared *shared, char **argv)
{
	int fds[] = {[SOCK] = sock,
		     [TTY] = tty->out,
		     [SLAVE] = slave,
		     [ERRAND] = errand};
	char *ctl = chain_sibling("pen-ctl");
	sigset_t all, before;
	pid_t pen, self;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
		die(ERR_TOOL, "cannot lead a session on the pty: %m");
	fds[SIGNALS] = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	self = getpid();
	pen = fork();
	if (pen == 0) {
		/* with the leader the pen's keeper goes */
		if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ||
		    getppid() != self)
			_exit(ERR_TOOL);
		become_pen(slave, &before, argv);
	}
	if (pen < 0 || fds[SIGNALS] < 0 ||
	    send(sock, &pen, sizeof(pen), MSG_NOSIGNAL) < 0)
		die(ERR_TOOL, "cannot start the pen: %m");
	/* SLAVE stays open: the pty is there for as long as the session is */
	if (fd_keep_only(fds, ERRAND + 1) < 0)
		_exit(ERR_TOOL);
	lead(pen, ctl, l->offline, tty, shared);
}

/* Non-blocking from the start; the other end by descriptor, not by name. */
static void
open_pty(const struct tty *tty, int *master, int *slave)
{
	struct winsize size;

	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (*master < 0 || unlockpt(*master) < 0)
		die_hint("/dev/pts must be mounted", "cannot make a pty: %m");
	*slave = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0)
		die_hint("Linux 4.13 or newer is needed",
			 "cannot open the pty: %m");
	tty_size(tty, &size);
	if (tcsetattr(*slave, TCSANOW, &tty->saved) < 0 ||
	    ioctl(*slave, TIOCSWINSZ, &size) < 0)
		die(ERR_TOOL, "cannot set up the pty: %m");
}

void
leader_start(struct leader *l, const struct tty *tty, struct shared *shared,
	     char **argv)
{
	int sock[2], errand[2], slave;
	pid_t pid;

	open_pty(tty, &l->master, &slave);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, errand) < 0)
		die(ERR_TOOL, "cannot make a socket pair: %m");
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid == 0)
		run(l, sock[1], errand[1], slave, tty, shared, argv);
	close(slave);
	close(sock[1]);
	close(errand[1]);
	l->errand = errand[0];
	l->sock = sock[0];
	if (recv(l->sock, &l->pen, sizeof(l->pen), 0) != sizeof(l->pen))
		die(ERR_TOOL, "the pen's terminal could not be made");
}
