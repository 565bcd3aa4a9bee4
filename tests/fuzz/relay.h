/*
 * The whole relay of pen-shell, as it runs: on two ptys, with a console and a
 * leader that are played from the input, as are the program, the user and the
 * clock.  The input is a script of steps: a byte that says what, one that says
 * how many bytes of data follow, and the data.
 *
 * What holds for any of it: the relay ends when the pen has, with the terminal
 * as it was; it says nothing but two words to the console, and reads no key
 * while that has the terminal; what is sent to the terminal asks for nothing
 * that the filter leaves out.
 */
#ifndef FUZZ_RELAY_H
#define FUZZ_RELAY_H

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static int64_t fuzz_now;

/* Time passes only where the relay waits for it. */
static inline int
fuzz_poll(struct pollfd *p, nfds_t n, int timeout)
{
	int ready = poll(p, n, 0);

	if (ready == 0 && timeout > 0)
		fuzz_now += timeout;
	return ready;
}

static inline int
fuzz_clock(clockid_t id, struct timespec *t)
{
	(void)id;
	t->tv_sec = fuzz_now / 1000;
	t->tv_nsec = fuzz_now % 1000 * 1000000;
	return 0;
}

static inline int
fuzz_kill(pid_t pid, int sig)
{
	(void)pid;
	(void)sig;
	return 0; /* nobody is stopped: it is continued at once */
}

static int fuzz_terminal; /* which the relay may read now and then only */
static int fuzz_may_read(void);

static inline ssize_t
fuzz_read(int fd, void *buf, size_t n)
{
	if (fd == fuzz_terminal && !fuzz_may_read())
		abort();
	return read(fd, buf, n);
}

#define read fuzz_read
#define poll fuzz_poll
#define clock_gettime fuzz_clock
#define kill fuzz_kill
#include "../../src/pen-shell/relay.c"
#undef read
#undef poll
#undef clock_gettime
#undef kill

static inline void
fuzz_must(int holds)
{
	if (!holds)
		abort();
}

struct fuzz {
	struct relay relay;
	struct relay_config config;
	struct shared shared;
	struct leader leader;
	struct tty tty;
	int user, program;  /* the other ends of the two ptys */
	int leads, console; /* and of the two sockets */
	int deaf;	    /* the terminal takes nothing now */
	uint8_t seen[8];    /* the last that it was sent */
};

static struct fuzz fuzz;

static int
fuzz_may_read(void)
{
	return fuzz.relay.state == SHOWING || fuzz.relay.state == ASKING;
}

static inline void
fuzz_open_pty(int *master, int *slave)
{
	*master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	fuzz_must(*master >= 0 && unlockpt(*master) == 0);
	*slave = ioctl(*master, TIOCGPTPEER,
		       O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	fuzz_must(*slave >= 0);
}

static inline void
fuzz_start(struct fuzz *f, unsigned mode)
{
	struct screen_policy policy = {.clipboard = 0,
				       .notifications = mode & 1,
				       .utf8 = mode >> 1 & 1,
				       .title = (enum screen_title)(mode % 3)};
	struct relay *r = &f->relay;
	int slave, lead[2], desk[2];

	/* not the large buffers, which are nobody's before they are written */
	memset(r, 0, offsetof(struct relay, typed));
	r->typed_at = r->typed_n = r->shown_at = r->shown_n = 0;
	r->kept_at = r->kept_n = 0;
	memset(r->want, 0, sizeof(*r) - offsetof(struct relay, want));
	memset(&f->shared, 0, sizeof(f->shared));
	fuzz_open_pty(&f->user, &slave);
	f->tty.in = fuzz_terminal = slave;
	f->tty.out = fcntl(slave, F_DUPFD_CLOEXEC, 3);
	fuzz_must(tcgetattr(slave, &f->tty.saved) == 0);
	fuzz_open_pty(&f->leader.master, &f->program);
	fuzz_must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, lead) == 0 &&
		  socketpair(AF_UNIX, SOCK_SEQPACKET, 0, desk) == 0);
	f->leader.sock = lead[0];
	f->leads = lead[1];
	f->console = desk[1];
	f->deaf = 0;
	memset(f->seen, 0, sizeof(f->seen));
	screen_init(&f->shared.screen, &policy);
	f->config = (struct relay_config){.tty = &f->tty,
					  .leader = &f->leader,
					  .shared = &f->shared,
					  .desk = desk[0],
					  .escape = 0x1d,
					  .key = "^]",
					  .notice = mode >> 2 & 3};
	r->c = &f->config;
	r->screen = &f->shared.screen;
	r->desk = desk[0];
	r->ended = r->signals = -1;
	keys_init(&r->keys, 0x1d);
	take_modes(r);
	take_size(r, 0);
}

/* What no terminal is ever sent: its answerback, the clipboard, a command. */
static inline void
fuzz_look(struct fuzz *f, const uint8_t *p, size_t n)
{
	static const char *const never[] = {
	    "\033]52", "\033]50;", "\033]51;", "\033]1337", "\033]633",
	    "\033[5i", "\033[20t", "\033[21t", "\033X",	    "\033^"};

	for (size_t i = 0; i < n; i++) {
		memmove(f->seen, f->seen + 1, sizeof(f->seen) - 1);
		f->seen[sizeof(f->seen) - 1] = p[i];
		fuzz_must(p[i] != 5);
		for (size_t k = 0; k < sizeof(never) / sizeof(*never); k++) {
			size_t len = strlen(never[k]);

			fuzz_must(memcmp(f->seen + sizeof(f->seen) - len,
					 never[k], len) != 0);
		}
	}
}

/* The terminal takes what it is sent, and the console what it is told. */
static inline void
fuzz_drain(struct fuzz *f)
{
	uint8_t buf[65536];
	ssize_t n;

	while (!f->deaf && (n = read(f->user, buf, sizeof(buf))) > 0)
		fuzz_look(f, buf, (size_t)n);
	while ((n = recv(f->console, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		fuzz_must(n == 1 && (buf[0] == 'o' || buf[0] == 'c'));
	while (recv(f->leads, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	while (read(f->program, buf, sizeof(buf)) > 0)
		;
}

static inline void
fuzz_turns(struct fuzz *f, int turns)
{
	struct pollfd p[FDS] = {[FROM_TTY] = {.events = POLLIN},
				[TO_TTY] = {.events = POLLOUT},
				[LEADER] = {.events = POLLIN},
				[SIGNALS] = {.fd = -1, .events = POLLIN},
				[DESK] = {.events = POLLIN}};
	struct relay *r = &f->relay;

	for (int i = 0; i < turns && r->state != DONE; i++) {
		take_turn(r, p);
		fuzz_must(r->shown_n <= sizeof(r->shown) &&
			  r->kept_n <= KEPT_MAX && r->typed_n <= TYPED_MAX);
		fuzz_drain(f);
	}
}

static inline void
fuzz_report(struct fuzz *f, int what, int status)
{
	struct report report = {.status = status};

	memcpy(&report.what, &what, sizeof(report.what));
	send(f->leads, &report, sizeof(report), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The console does what it can: says something, or gives the terminal back. */
static inline void
fuzz_console(struct fuzz *f, const uint8_t *p, size_t n)
{
	static const char kinds[] = "lksqatn";
	char kind = kinds[p[0] % (sizeof(kinds) - 1)];

	desk_send(f->console, (enum desk)kind, p + 1, n - 1);
}

static inline void
fuzz_step(struct fuzz *f, uint8_t what, const uint8_t *p, size_t n)
{
	static const int signals[] = {SIGWINCH, SIGTSTP, SIGCONT};
	struct winsize size = {0};

	switch (what % 9) {
	case 0:
	case 1: /* again and again, as a program can */
		for (int i = 0; n > 0 && i < (what & 0x80 ? 200 : 1); i++)
			if (write(f->program, p, n) < 0)
				break;
		break;
	case 2:
		for (int i = 0; n > 0 && i < (what & 0x80 ? 40 : 1); i++)
			if (write(f->user, p, n) < 0)
				break;
		break;
	case 3:
		fuzz_must(write(f->user, "\035", 1) <= 1);
		break;
	case 4:
		if (n > 0)
			fuzz_console(f, p, n);
		break;
	case 5:
		take_signal(&f->relay, signals[n % 3]);
		break;
	case 6:
		memcpy(&size, p, n < 4 ? n : 4);
		ioctl(f->user, TIOCSWINSZ, &size);
		break;
	case 7:
		fuzz_report(f, LEADER_STOPPED, SIGTSTP);
		break;
	case 8:
		f->deaf = n & 1;
		fuzz_now += (int64_t)n * 10;
		if (n == 77) {
			shutdown(f->console, SHUT_RDWR);
		}
		break;
	}
}

static inline void
fuzz_end(struct fuzz *f)
{
	struct termios now;

	f->deaf = 0;
	fuzz_report(f, LEADER_ENDED, 0);
	/* a second of the clock at least every turn that has nothing to do */
	fuzz_turns(f, 20000);
	fuzz_must(f->relay.state == DONE);
	fuzz_must(!f->shared.ours && !f->shared.covered);
	fuzz_must(tcgetattr(f->tty.in, &now) == 0);
	fuzz_must(now.c_lflag == f->tty.saved.c_lflag &&
		  now.c_iflag == f->tty.saved.c_iflag &&
		  now.c_oflag == f->tty.saved.c_oflag);
	close(f->user);
	close(f->program);
	close(f->leads);
	close(f->console);
	close(f->tty.in);
	close(f->tty.out);
	close(f->leader.master);
	close(f->leader.sock);
	if (f->relay.desk >= 0)
		close(f->relay.desk);
}

static inline void
fuzz_relay(const uint8_t *data, size_t n)
{
	struct fuzz *f = &fuzz;
	size_t at = 1;

	if (n == 0)
		return;
	fuzz_now = 1000000;
	fuzz_start(f, data[0]);
	fuzz_turns(f, 1);
	while (at + 1 < n) {
		uint8_t what = data[at];
		size_t len = data[at + 1];

		at += 2;
		if (len > n - at)
			len = n - at;
		fuzz_step(f, what, data + at, len);
		fuzz_turns(f, 4);
		at += len;
	}
	fuzz_end(f);
}

#endif
