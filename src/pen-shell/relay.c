/*
 * The relay: one loop, and nothing in it waits but its poll(2).
 *
 * What is read from one side is written to the other before more is read, so a
 * side that does not read makes the other wait, and nothing grows.  Towards
 * the program there is some room, so that the escape key is seen behind what
 * was typed before it.  While the console is open the program may write a
 * little on, which is shown afterwards.
 */
#include "pen-shell/relay.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-shell/keys.h"

#define CHUNK 16384
#define TYPED_MAX 65536
#define KEPT_MAX (1 << 20)

/* An answer of the terminal comes in one go, or nearly. */
#define ANSWER_MS 50
/* The pen's socket is there before prog is. */
#define SESSION_MS 500
/* An answer later than this is not waited for, nor ours for longer. */
#define LATE_MS 1000
/* A program that is to draw itself anew sees one size, then the other. */
#define REDRAW_MS 60

enum { FROM_TTY, TO_TTY, PTY, LEADER, SIGNALS, EVENTS, QUESTIONS, FDS };

struct relay {
	const struct relay_config *c;
	struct screen *screen;
	struct keys keys;
	int signals;

	unsigned char typed[TYPED_MAX]; /* for the program */
	size_t typed_n;
	unsigned char shown[SCREEN_ROOM(CHUNK)]; /* for the terminal */
	size_t shown_at, shown_n;
	unsigned char *kept; /* by the program while the console was open */
	size_t kept_at, kept_n;

	int64_t heard;	/* when something was typed */
	unsigned asked; /* questions of the inside, */
	int64_t asked_at; /* and when the last one was */
	int64_t redraw; /* when the size is put right, or 0 */
	int stopped;	/* the pen has stopped */
	int dying;	/* the signal that ends this, or 0 */
	int gone;	/* there is no terminal any more */
	int ended;	/* the pen's status, or -1 */
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
order(struct relay *r, enum order what)
{
	char c = (char)what;

	send(r->c->leader->sock, &c, 1, MSG_NOSIGNAL);
}

/* --- the terminal --------------------------------------------------------- */

/* To the terminal, past what waits: for what is short and must be first. */
static void
tell_tty(struct relay *r, const char *text, size_t n)
{
	struct pollfd p = {.fd = r->c->tty->out, .events = POLLOUT};

	while (n > 0 && !r->gone) {
		ssize_t k = write(r->c->tty->out, text, n);

		if (k < 0 && errno == EAGAIN && poll(&p, 1, 1000) > 0)
			continue;
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return;
		text += k;
		n -= (size_t)k;
	}
}

static void
flush_shown(struct relay *r)
{
	ssize_t n;

	if (r->gone)
		r->shown_n = r->shown_at = 0;
	if (r->shown_at == r->shown_n)
		return;
	n = write(r->c->tty->out, r->shown + r->shown_at,
		  r->shown_n - r->shown_at);
	if (n > 0)
		r->shown_at += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		r->gone = 1;
	if (r->shown_at == r->shown_n)
		r->shown_at = r->shown_n = 0;
}

/* All that waits, in the time that a working terminal takes for it. */
static void
drain_shown(struct relay *r)
{
	struct pollfd p = {.fd = r->c->tty->out, .events = POLLOUT};

	while (r->shown_n > 0 && poll(&p, 1, 2000) > 0)
		flush_shown(r);
}

static void
take_size(struct relay *r, int rows_less)
{
	struct winsize size;

	tty_size(r->c->tty, &size);
	console_size(r->c->console, size.ws_row, size.ws_col);
	if (rows_less && size.ws_row > 1)
		size.ws_row--;
	ioctl(r->c->leader->master, TIOCSWINSZ, &size);
}

static void
ask_redraw(struct relay *r)
{
	take_size(r, 1);
	r->redraw = now_ms() + REDRAW_MS;
}

/*
 * What the terminal still has to say to the inside is not for the shell that
 * reads next.  A terminal answers in order: a last question of our own, about
 * a place that was chosen by chance, is answered after the others.
 */
static void
await_answers(struct relay *r)
{
	struct pollfd p = {.fd = r->c->tty->in, .events = POLLIN};
	int64_t until = now_ms() + LATE_MS, left;
	char text[TTY_TEXT], want[TTY_TEXT], buf[512];
	size_t n = 0;

	if (!r->asked_at || now_ms() - r->asked_at > LATE_MS)
		return;
	r->asked_at = 0;
	tty_question(20, text, want);
	tell_tty(r, "\0337", 2);
	tell_tty(r, text, strlen(text));
	tell_tty(r, "\0338", 2);
	while ((left = until - now_ms()) > 0 && poll(&p, 1, (int)left) > 0) {
		if (n == sizeof(buf)) { /* keep what may be its beginning */
			memmove(buf, buf + n - TTY_TEXT, TTY_TEXT);
			n = TTY_TEXT;
		}
		if (read(r->c->tty->in, buf + n, 1) != 1)
			return;
		n++;
		if (memmem(buf, n, want, strlen(want)))
			return;
	}
}

/* The terminal is the shell's, as it gave it to us. */
static void
give_back(struct relay *r)
{
	char text[SCREEN_TEXT];

	await_answers(r);
	tell_tty(r, text, screen_leave(r->screen, text));
	if (!r->gone)
		tty_restore(r->c->tty);
	r->c->shared->ours = 0;
}

static void
take_modes(struct relay *r)
{
	if (tty_raw(r->c->tty) < 0)
		r->gone = 1;
	r->c->shared->ours = 1;
}

/* The terminal is ours, with all that the inside had switched. */
static void
take_over(struct relay *r)
{
	char text[SCREEN_TEXT];

	take_modes(r);
	tell_tty(r, text, screen_enter(r->screen, text));
	ask_redraw(r); /* something else was shown meanwhile */
}

/*
 * Stops, as Ctrl-Z stops other programs, until somebody continues us; with no
 * one to do that (an orphaned process group) it does nothing.
 */
static void
suspend(struct relay *r)
{
	static const struct timespec at_once;
	sigset_t stop, cont;

	drain_shown(r);
	give_back(r);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigemptyset(&cont);
	sigaddset(&cont, SIGCONT);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	sigtimedwait(&cont, NULL, &at_once); /* it has done its work */
	take_over(r);
	if (r->stopped)
		order(r, LEADER_CONTINUE);
	r->stopped = 0;
}

/* --- the console ---------------------------------------------------------- */

static void close_console(struct relay *r);

static void
take_report(struct relay *r)
{
	int fds[FD_MSG_MAX];
	struct report report;
	size_t n;

	if (fd_recv(r->c->leader->sock, &report, sizeof(report), fds, &n) !=
	    sizeof(report)) {
		r->ended = 128 + SIGKILL; /* the leader, and so the pen */
		return;
	}
	if (report.what == LEADER_ENDED) {
		r->ended = report.status;
		return;
	}
	if (report.what == LEADER_CONNECTED) {
		if (n == 1)
			session_connect(r->c->session, fds[0]);
		return;
	}
	r->stopped = 1;
	if (console_is_open(r->c->console))
		close_console(r);
	suspend(r);
}

/* A console that is opened at once is to have the session, if there is one. */
static void
await_session(struct relay *r)
{
	struct pollfd p = {.fd = r->c->leader->sock, .events = POLLIN};
	int64_t until = now_ms() + SESSION_MS;

	if (r->c->leader->offline)
		return;
	while (r->c->session->ask < 0 && r->ended < 0) {
		int64_t left = until - now_ms();

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return;
		take_report(r);
	}
}

static void
open_console(struct relay *r)
{
	char text[SCREEN_TEXT];
	struct winsize size;

	await_session(r);
	drain_shown(r);
	tell_tty(r, text, screen_cover(r->screen, text));
	if (!r->kept)
		r->kept = mem_alloc(KEPT_MAX);
	if (tty_keys(r->c->tty) < 0)
		r->gone = 1;
	tty_size(r->c->tty, &size);
	console_open(r->c->console, size.ws_row, size.ws_col);
}

static void
close_console(struct relay *r)
{
	char text[SCREEN_TEXT];

	console_close(r->c->console);
	if (tty_raw(r->c->tty) < 0)
		r->gone = 1;
	tell_tty(r, text, screen_uncover(r->screen, text));
	if (screen_full(r->screen))
		ask_redraw(r);
}

static void
to_program(struct relay *r, const void *p, size_t n)
{
	if (n > TYPED_MAX - r->typed_n)
		n = TYPED_MAX - r->typed_n;
	memcpy(r->typed + r->typed_n, p, n);
	r->typed_n += n;
}

/* What the console wants done, now that it has read. */
static void
obey_console(struct relay *r)
{
	switch (console_wish(r->c->console)) {
	case CONSOLE_STAY:
		return;
	case CONSOLE_LITERAL:
		to_program(r, r->keys.key, r->keys.key_n);
		break;
	case CONSOLE_SUSPEND:
		close_console(r);
		order(r, LEADER_FREEZE);
		suspend(r);
		order(r, LEADER_THAW);
		return;
	case CONSOLE_QUIT:
		order(r, LEADER_END);
		break;
	case CONSOLE_LEAVE:
		break;
	}
	close_console(r);
}

/* --- bytes ---------------------------------------------------------------- */

static void
take_typed(struct relay *r, const unsigned char *p, size_t n)
{
	size_t used, taken;
	int pressed;

	while (n > 0) {
		if (console_is_open(r->c->console)) {
			unsigned char answer[KEYS_ROOM(CHUNK)];

			taken = console_input(r->c->console, &r->keys, p, n,
					      answer, &used);
			to_program(r, answer, used);
			obey_console(r);
		} else {
			taken = keys_pass(&r->keys, p, n,
					  r->typed + r->typed_n, &used,
					  &pressed);
			r->typed_n += used;
			if (pressed)
				open_console(r);
		}
		p += taken;
		n -= taken;
	}
}

static void
read_tty(struct relay *r)
{
	unsigned char buf[CHUNK / 4];
	ssize_t n = read(r->c->tty->in, buf, sizeof(buf));
	int64_t now = now_ms();

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		r->gone = 1;
		return;
	}
	if (now - r->heard > ANSWER_MS)
		r->typed_n += keys_rest(&r->keys, r->typed + r->typed_n);
	r->heard = now;
	take_typed(r, buf, (size_t)n);
}

static void
write_pty(struct relay *r)
{
	ssize_t n = write(r->c->leader->master, r->typed, r->typed_n);

	if (n <= 0)
		return;
	r->typed_n -= (size_t)n;
	memmove(r->typed, r->typed + n, r->typed_n);
}

static void
show(struct relay *r, const unsigned char *p, size_t n)
{
	r->shown_at = 0;
	r->shown_n = screen_filter(r->screen, p, n, r->shown);
	if (r->asked != r->screen->asked)
		r->asked_at = now_ms();
	r->asked = r->screen->asked;
	flush_shown(r);
}

/* What was kept comes first.  Returns 0 when there is nothing. */
static int
show_kept(struct relay *r)
{
	size_t n = r->kept_n - r->kept_at;

	if (n == 0)
		return 0;
	if (n > CHUNK)
		n = CHUNK;
	show(r, r->kept + r->kept_at, n);
	r->kept_at += n;
	if (r->kept_at == r->kept_n)
		r->kept_at = r->kept_n = 0;
	return 1;
}

/* One read: with what comes next the terminal is busy by then. */
static size_t
read_some(int fd, unsigned char *buf, size_t room)
{
	ssize_t n;

	do
		n = read(fd, buf, room);
	while (n < 0 && errno == EINTR);
	return n > 0 ? (size_t)n : 0;
}

/* Returns whether something was read. */
static int
read_pty(struct relay *r)
{
	unsigned char buf[CHUNK];
	size_t n;

	if (console_is_open(r->c->console)) {
		n = read_some(r->c->leader->master, r->kept + r->kept_n,
			      KEPT_MAX - r->kept_n);
		r->kept_n += n;
		return n > 0;
	}
	if (show_kept(r))
		return 1;
	n = read_some(r->c->leader->master, buf, sizeof(buf));
	if (n > 0)
		show(r, buf, n);
	return n > 0;
}

/* --- events --------------------------------------------------------------- */

static void
take_signal(struct relay *r, int sig)
{
	switch (sig) {
	case SIGWINCH:
		take_size(r, 0);
		r->redraw = 0;
		break;
	case SIGTSTP:
		if (console_is_open(r->c->console))
			close_console(r);
		suspend(r);
		break;
	case SIGCONT: /* of a stop that nobody could tell us about */
		take_modes(r);
		if (console_is_open(r->c->console))
			tty_keys(r->c->tty);
		else
			ask_redraw(r);
		break;
	default:
		r->dying = sig;
		order(r, LEADER_END);
	}
}

static void
take_signals(struct relay *r)
{
	struct signalfd_siginfo info;

	while (read(r->signals, &info, sizeof(info)) == sizeof(info))
		take_signal(r, (int)info.ssi_signo);
}

static int
timeout(const struct relay *r)
{
	int64_t now = now_ms(), left = -1;
	int64_t console = console_deadline(r->c->console);

	if (r->redraw)
		left = r->redraw - now;
	if (r->keys.held && (left < 0 || r->heard + ANSWER_MS - now < left))
		left = r->heard + ANSWER_MS - now;
	if (console && (left < 0 || console - now < left))
		left = console - now;
	if (!r->redraw && !r->keys.held && !console)
		return -1;
	return left < 0 ? 0 : (int)left;
}

static void
take_time(struct relay *r)
{
	int64_t now = now_ms();

	if (r->redraw && now >= r->redraw) {
		r->redraw = 0;
		take_size(r, 0);
	}
	if (r->keys.held && now - r->heard >= ANSWER_MS)
		r->typed_n += keys_rest(&r->keys, r->typed + r->typed_n);
	if (console_deadline(r->c->console) &&
	    now >= console_deadline(r->c->console))
		console_time(r->c->console);
}

/* A refusal or question is told where it disturbs nothing. */
static void
notify(struct relay *r)
{
	char text[SCREEN_TEXT];

	if (console_is_open(r->c->console) || r->shown_n > 0 ||
	    !screen_idle(r->screen))
		return;
	tell_tty(r, text, console_notice(r->c->console, r->screen, text));
}

static void
wait_for(struct relay *r, struct pollfd *p)
{
	int open = console_is_open(r->c->console);
	int room = open ? r->kept_n < KEPT_MAX : r->shown_n == 0;

	p[FROM_TTY].fd =
		r->typed_n + CHUNK < TYPED_MAX && !r->gone ? r->c->tty->in : -1;
	p[TO_TTY].fd = r->shown_n > 0 ? r->c->tty->out : -1;
	p[PTY].events = (short)((room ? POLLIN : 0) |
				(r->typed_n > 0 ? POLLOUT : 0));
	p[PTY].fd = p[PTY].events ? r->c->leader->master : -1;
	p[EVENTS].fd = r->c->session->events;
	p[QUESTIONS].fd = r->c->session->questions;
	if (poll(p, FDS, !open && room && r->kept_n > 0 ? 0 : timeout(r)) < 0)
		for (int i = 0; i < FDS; i++)
			p[i].revents = 0;
}

static void
loop(struct relay *r)
{
	struct pollfd p[FDS] = {
		[FROM_TTY] = {.events = POLLIN},
		[TO_TTY] = {.events = POLLOUT},
		[LEADER] = {.fd = r->c->leader->sock, .events = POLLIN},
		[SIGNALS] = {.fd = r->signals, .events = POLLIN},
		[EVENTS] = {.events = POLLIN},
		[QUESTIONS] = {.events = POLLIN},
	};

	while (r->ended < 0) {
		wait_for(r, p);
		if (p[FROM_TTY].revents)
			read_tty(r);
		if (p[TO_TTY].revents)
			flush_shown(r);
		if (r->typed_n > 0)
			write_pty(r);
		if ((p[PTY].revents & POLLIN) || r->kept_n > r->kept_at)
			if (r->shown_n == 0)
				read_pty(r);
		if (p[EVENTS].revents || p[QUESTIONS].revents) {
			session_read(r->c->session);
			console_news(r->c->console);
		}
		if (p[SIGNALS].revents)
			take_signals(r);
		if (p[LEADER].revents)
			take_report(r);
		take_time(r);
		notify(r);
		if (r->gone && !r->dying) {
			r->dying = SIGHUP;
			order(r, LEADER_END);
		}
	}
}

/* The pen has ended; what it wrote before is still to be shown. */
static void
finish(struct relay *r)
{
	struct pollfd p = {.fd = r->c->leader->master, .events = POLLIN};

	if (console_is_open(r->c->console))
		close_console(r);
	do {
		drain_shown(r);
		if (r->shown_n > 0)
			break; /* a terminal that does not take it */
		/* poll(2) waits for what is between the two ends (n_tty.c) */
	} while (show_kept(r) || (poll(&p, 1, 0) > 0 && read_pty(r)));
	drain_shown(r);
	give_back(r);
}

int
relay_run(const struct relay_config *config)
{
	static struct relay r;
	sigset_t set;

	r.c = config;
	r.screen = &config->shared->screen;
	r.ended = -1;
	keys_init(&r.keys, config->escape);
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	r.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (r.signals < 0)
		die(ERR_TOOL, "cannot wait for signals: %m");
	take_modes(&r);
	take_size(&r, 0);
	loop(&r);
	finish(&r);
	return r.dying ? 128 + r.dying : r.ended;
}
