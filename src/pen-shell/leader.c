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
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-shell/freeze.h"

/* A terminal that takes nothing for so long is left as it is. */
#define STUCK_MS 2000

/* How long a pen that was told to end may take before it is killed. */
#define PATIENCE_MS 3000

/* Where this process keeps the only descriptors that it has. */
enum { SOCK, SIGNALS, TTY, SLAVE };

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
send_report(int what, int status)
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
			send_report(LEADER_STOPPED, WSTOPSIG(status));
			continue;
		}
		send_report(LEADER_ENDED, WIFEXITED(status)
					      ? WEXITSTATUS(status)
					      : 128 + WTERMSIG(status));
		_exit(0);
	}
}

/* To a terminal that may be busy with what the relay wrote last. */
static void
write_tty(const char *text, size_t n)
{
	struct pollfd p = {.fd = TTY, .events = POLLOUT};

	while (n > 0 && poll(&p, 1, STUCK_MS) > 0) {
		ssize_t k = write(TTY, text, n);

		if (k < 0 && errno != EAGAIN && errno != EINTR)
			return;
		if (k > 0)
			text += k, n -= (size_t)k;
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
	if (shared->covered)
		write_tty(text, screen_uncover(&copy, text));
	write_tty(text, screen_leave(&copy, text));
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

static _Noreturn void
serve_relay(pid_t pen, const struct tty *tty, const struct shared *shared)
{
	struct pollfd fds[] = {{.fd = SOCK, .events = POLLIN},
			       {.fd = SIGNALS, .events = POLLIN}};
	struct signalfd_siginfo info;
	int patience = -1;
	char order;

	for (;;) {
		int n = poll(fds, 2, patience);

		if (n == 0) {
			kill(pen, SIGKILL);
			patience = -1;
		}
		while (read(SIGNALS, &info, sizeof(info)) == sizeof(info))
			;
		wait_pen(pen);
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
lead_session(int sock, int slave, const struct tty *tty,
	     const struct shared *shared, char **argv)
{
	int fds[] = {[SOCK] = sock, [TTY] = tty->out, [SLAVE] = slave};
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
	if (fd_keep_only(fds, SLAVE + 1) < 0)
		_exit(ERR_TOOL);
	serve_relay(pen, tty, shared);
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
	int sock[2], slave;
	pid_t pid;

	open_pty(tty, &l->master, &slave);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0)
		die(ERR_TOOL, "cannot make a socket pair: %m");
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid == 0)
		lead_session(sock[1], slave, tty, shared, argv);
	close(slave);
	close(sock[1]);
	l->sock = sock[0];
	if (recv(l->sock, &l->pen, sizeof(l->pen), 0) != sizeof(l->pen))
		die(ERR_TOOL, "the pen's terminal could not be made");
}
