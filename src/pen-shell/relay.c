/*
 * The relay: one loop, and nothing in it waits but its poll(2).
 *
 * What the program writes is shown before more is read, so a terminal that does
 * not read makes the program wait, and nothing grows.  The terminal is always
 * read, because the escape key may come: what does not fit in the room towards
 * the program is dropped, as a terminal's driver does.
 *
 * The terminal is handed to the console and back, and to the shell that started
 * pen-shell, when this stops or ends.  Each step of that is a state: what must
 * be written first waits until the terminal has taken what came before it.
 * While the console has the terminal the program may write a little on, which
 * is shown afterwards.
 */
#include "pen-shell/relay.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/desk.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/keys.h"
#include "lib/mem.h"
#include "lib/terminal.h"

#define CHUNK 16384
#define TYPED_CHUNK 4096
#define TYPED_MAX (4 << 20)
#define KEPT_MAX (1 << 20)

/* An answer of the terminal comes in one go, or nearly. */
#define ANSWER_MS 50
/* A question that was asked so long ago has been answered. */
#define LATE_MS 10000
/* A terminal that answers is not silent for so long; it may have much to say */
#define SILENT_MS 2000
#define ANSWERS_MS 60000
/* A program that is to draw itself anew sees one size, then the other. */
#define REDRAW_MS 60
/* A terminal that takes nothing for so long is given back all the same. */
#define STUCK_MS 2000
/* A console that does not give the terminal back is left. */
#define RECALL_MS 1000

enum { FROM_TTY, TO_TTY, PTY, LEADER, SIGNALS, DESK, FDS };

/* Who has the terminal, and what is on its way. */
enum state {
	SHOWING,   /* what the program writes */
	COVERING,  /* an empty screen, for the console */
	LENT,	   /* the console has it */
	RECALLING, /* and was told to give it back */
	PARTING,   /* what undoes all that the inside has switched */
	ASKING,	   /* nothing: the terminal's last answer is awaited */
	DONE
};

struct relay {
	const struct relay_config *c;
	struct screen *screen;
	struct keys keys;
	int signals, desk;

	enum state state;
	int64_t deadline; /* of the state, or 0 */
	int written;	  /* what the state has to say to the terminal */
	int stops;	  /* parted, it stops; else it ends */

	unsigned char typed[TYPED_MAX]; /* for the program */
	size_t typed_at, typed_n;
	/* for the terminal; and what switches the screen, behind that */
	unsigned char shown[SCREEN_ROOM(CHUNK) + 4 * SCREEN_TEXT];
	size_t shown_at, shown_n;
	unsigned char kept[KEPT_MAX]; /* by the program under the console */
	size_t kept_at, kept_n;

	char want[TERMINAL_FENCE], last[TERMINAL_FENCE]; /* answers */
	size_t last_n;

	int64_t heard;	  /* when something was typed */
	unsigned asked;	  /* questions of the inside, */
	int64_t asked_at; /* and when the last one was */
	int64_t redraw;	  /* when the size is put right, or 0 */
	int64_t taken;	  /* when the terminal took something last */
	char news[160];	  /* to be told, or "" */
	int stopped;	  /* the pen has stopped */
	int frozen;	  /* it was stopped by us */
	int dying;	  /* the signal that ends this, or 0 */
	int gone;	  /* there is no terminal any more */
	int ended;	  /* the pen's status, or -1 */
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
send_order(struct relay *r, enum order what)
{
	char c = (char)what;

	send(r->c->leader->sock, &c, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
enter_state(struct relay *r, enum state state, int64_t within)
{
	r->state = state;
	r->written = 0;
	r->deadline = within ? now_ms() + within : 0;
}

/* --- the terminal --------------------------------------------------------- */

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
	if (n > 0) {
		r->shown_at += (size_t)n;
		r->taken = now_ms();
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		r->gone = 1;
	}
	if (r->shown_at == r->shown_n)
		r->shown_at = r->shown_n = 0;
}

/* To the terminal, which has taken all that came before. */
static void
write_tty(struct relay *r, const void *p, size_t n)
{
	if (n > sizeof(r->shown) - r->shown_n)
		__builtin_trap(); /* never: SCREEN_TEXT and a question */
	memcpy(r->shown + r->shown_n, p, n);
	r->shown_n += n;
	flush_shown(r);
}

static void
take_size(struct relay *r, int rows_less)
{
	struct winsize size;

	tty_size(r->c->tty, &size);
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

static void
take_modes(struct relay *r)
{
	r->c->shared->ours = 1; /* first: we may be killed behind this line */
	if (tty_raw(r->c->tty) < 0)
		r->gone = 1;
}

/* The terminal is ours, with all that the inside had switched. */
static void
take_over(struct relay *r)
{
	char text[SCREEN_TEXT];

	take_modes(r);
	write_tty(r, text, screen_enter(r->screen, text));
	ask_redraw(r); /* something else was shown meanwhile */
}

/* --- to the console and back ---------------------------------------------- */

/* The screen is as it was before the console. */
static void
uncover_screen(struct relay *r)
{
	char text[SCREEN_TEXT];

	if (!r->c->shared->covered)
		return;
	write_tty(r, text, screen_uncover(r->screen, text));
	r->c->shared->covered = 0;
}

static void
cover_screen(struct relay *r)
{
	char text[SCREEN_TEXT];
	size_t n = screen_cover(r->screen, text);

	r->c->shared->covered = 1;
	write_tty(r, text, n);
}

static void
lose_console(struct relay *r)
{
	if (r->desk >= 0)
		close(r->desk);
	r->desk = -1;
}

/* The console has given the terminal back, or has lost it. */
static void
take_back(struct relay *r)
{
	char text[SCREEN_TEXT];

	if (tty_raw(r->c->tty) < 0)
		r->gone = 1;
	uncover_screen(r);
	if (r->screen->now.mark[0]) /* somebody has looked */
		write_tty(r, text, screen_mark(r->screen, NULL, text));
	if (r->screen->now.alternate)
		ask_redraw(r);
	enter_state(r, SHOWING, 0);
}

static void
recall_console(struct relay *r)
{
	if (desk_send(r->desk, DESK_CLOSE, NULL, 0) < 0)
		lose_console(r);
	enter_state(r, RECALLING, RECALL_MS);
}

/* --- to the shell and back ------------------------------------------------ */

/*
 * Stops, as Ctrl-Z stops other programs, until somebody continues us; with no
 * one to do that (an orphaned process group) it does nothing.
 */
static void
stop_self(struct relay *r)
{
	static const struct timespec at_once;
	sigset_t set, cont;

	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigemptyset(&cont);
	sigaddset(&cont, SIGCONT);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigtimedwait(&cont, NULL, &at_once); /* it has done its work */
	enter_state(r, SHOWING, 0);
	r->stops = 0;
	take_over(r);
	if (r->stopped)
		send_order(r, LEADER_CONTINUE);
	if (r->frozen)
		send_order(r, LEADER_THAW);
	r->stopped = r->frozen = 0;
}

/* The terminal is the shell's, as it gave it to us. */
static void
give_back(struct relay *r)
{
	r->shown_n = r->shown_at = 0;
	if (!r->gone)
		tty_restore(r->c->tty);
	r->c->shared->ours = 0;
	if (r->stops)
		stop_self(r);
	else
		enter_state(r, DONE, 0);
}

/*
 * What the terminal still has to say to the inside is not for the shell that
 * reads next: it is asked, and read until it has answered.
 */
static int
has_answers(const struct relay *r)
{
	return r->asked_at && now_ms() - r->asked_at <= LATE_MS && !r->gone;
}

static void
write_farewell(struct relay *r)
{
	char text[SCREEN_TEXT], question[TERMINAL_FENCE];

	uncover_screen(r);
	write_tty(r, text, screen_leave(r->screen, text));
	if (!has_answers(r))
		return;
	terminal_fence(20, question, r->want);
	write_tty(r, "\0337", 2);
	write_tty(r, question, strlen(question));
	write_tty(r, "\0338", 2);
}

static void
read_answer(struct relay *r)
{
	size_t len = strlen(r->want);
	char c;

	while (read(r->c->tty->in, &c, 1) == 1) {
		if (r->last_n == len)
			memmove(r->last, r->last + 1, --r->last_n);
		r->last[r->last_n++] = c;
		r->heard = now_ms();
		if (r->last_n < len || memcmp(r->last, r->want, len) != 0)
			continue;
		r->asked_at = 0;
		give_back(r);
		return;
	}
}

/* Gives the terminal back; stops then, or ends. */
static void
release_terminal(struct relay *r, int stops)
{
	r->stops = stops;
	enter_state(r, PARTING, STUCK_MS);
}

/* The same, once the console has given it to us. */
static void
begin_stop(struct relay *r)
{
	r->stops = 1;
	if (r->state == LENT)
		recall_console(r);
	else if (r->state == SHOWING || r->state == COVERING)
		release_terminal(r, 1);
}

/* --- states --------------------------------------------------------------- */

static void
step_covering(struct relay *r)
{
	if (r->shown_n > 0)
		return;
	if (!r->written)
		cover_screen(r);
	r->written = 1;
	if (r->shown_n > 0)
		return;
	r->news[0] = '\0';
	if (desk_send(r->desk, DESK_OPEN, NULL, 0) < 0) {
		lose_console(r);
		take_back(r);
	} else {
		enter_state(r, LENT, 0);
	}
}

static void
step_parting(struct relay *r)
{
	if (r->shown_n > 0 && !r->gone && now_ms() < r->deadline)
		return;
	if (!r->written && !r->gone) { /* it matters more than what waits */
		r->shown_n = r->shown_at = 0;
		enter_state(r, PARTING, STUCK_MS);
		r->written = 1;
		write_farewell(r);
		if (r->shown_n > 0)
			return;
	}
	if (has_answers(r) && r->shown_n == 0) {
		r->last_n = 0;
		r->heard = now_ms();
		enter_state(r, ASKING, ANSWERS_MS);
	} else {
		give_back(r);
	}
}

static void
step_asking(struct relay *r)
{
	int64_t now = now_ms();

	if (now < r->deadline && now < r->heard + SILENT_MS && !r->gone)
		return;
	r->asked_at = 0;
	tcflush(r->c->tty->in, TCIFLUSH);
	give_back(r);
}

/* What is to be done without anything having come. */
static void
step_once(struct relay *r)
{
	switch (r->state) {
	case COVERING:
		step_covering(r);
		break;
	case RECALLING:
		if (r->desk < 0 || now_ms() >= r->deadline) {
			lose_console(r);
			take_back(r);
		}
		break;
	case PARTING:
		step_parting(r);
		break;
	case ASKING:
		step_asking(r);
		break;
	default:
		break;
	}
	if (r->state == SHOWING && r->stops)
		release_terminal(r, 1);
}

static void
step_until_settled(struct relay *r)
{
	enum state before;

	do {
		before = r->state;
		step_once(r);
	} while (r->state != before && r->state != DONE);
}

/* --- bytes ---------------------------------------------------------------- */

static void
to_program(struct relay *r, const void *p, size_t n)
{
	if (n > TYPED_MAX - r->typed_n && r->typed_at > 0) {
		r->typed_n -= r->typed_at;
		memmove(r->typed, r->typed + r->typed_at, r->typed_n);
		r->typed_at = 0;
	}
	if (n > TYPED_MAX - r->typed_n)
		n = TYPED_MAX - r->typed_n;
	memcpy(r->typed + r->typed_n, p, n);
	r->typed_n += n;
}

/* A sequence that was begun has no rest. */
static void
end_sequence(struct relay *r)
{
	unsigned char rest[KEYS_HOLD];

	to_program(r, rest, keys_rest(&r->keys, rest));
}

static void
press_escape(struct relay *r)
{
	if (r->desk >= 0)
		enter_state(r, COVERING, 0);
	else
		snprintf(r->news, sizeof(r->news), "the console has ended");
}

static void
take_typed(struct relay *r, const unsigned char *p, size_t n)
{
	unsigned char out[KEYS_ROOM(TYPED_CHUNK)];
	size_t used, taken;
	int pressed;

	/* what came behind the key came before there was a prompt */
	while (n > 0 && r->state == SHOWING) {
		taken = keys_pass(&r->keys, p, n, out, &used, &pressed);
		to_program(r, out, used);
		if (pressed)
			press_escape(r);
		p += taken;
		n -= taken;
	}
}

static void
read_tty(struct relay *r)
{
	unsigned char buf[TYPED_CHUNK];
	ssize_t n;
	int64_t now = now_ms();

	if (r->state == ASKING) {
		read_answer(r);
		return;
	}
	n = read(r->c->tty->in, buf, sizeof(buf));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		r->gone = 1;
		return;
	}
	if (now - r->heard > ANSWER_MS)
		end_sequence(r);
	r->heard = now;
	take_typed(r, buf, (size_t)n);
}

static void
write_pty(struct relay *r)
{
	ssize_t n = write(r->c->leader->master, r->typed + r->typed_at,
			  r->typed_n - r->typed_at);

	if (n > 0)
		r->typed_at += (size_t)n;
	if (r->typed_at == r->typed_n)
		r->typed_at = r->typed_n = 0;
}

static void
show_output(struct relay *r, const unsigned char *p, size_t n)
{
	r->shown_at = 0;
	r->shown_n = screen_filter(r->screen, p, n, r->shown, sizeof(r->shown));
	if (r->asked != r->screen->now.asked)
		r->asked_at = now_ms();
	r->asked = r->screen->now.asked;
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
	show_output(r, r->kept + r->kept_at, n);
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

	if (r->state != SHOWING) {
		n = read_some(r->c->leader->master, r->kept + r->kept_n,
			      KEPT_MAX - r->kept_n);
		r->kept_n += n;
		return n > 0;
	}
	if (show_kept(r))
		return 1;
	n = read_some(r->c->leader->master, buf, sizeof(buf));
	if (n > 0)
		show_output(r, buf, n);
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
		begin_stop(r);
		break;
	case SIGCONT: /* of a stop that nobody could tell us about */
		if (r->state != SHOWING)
			break;
		take_modes(r);
		ask_redraw(r);
		break;
	default:
		r->dying = sig;
		send_order(r, LEADER_END);
	}
}

static void
take_signals(struct relay *r)
{
	struct signalfd_siginfo info;

	while (read(r->signals, &info, sizeof(info)) == sizeof(info))
		take_signal(r, (int)info.ssi_signo);
}

static void
take_report(struct relay *r)
{
	struct report report;

	if (recv(r->c->leader->sock, &report, sizeof(report), MSG_DONTWAIT) !=
	    sizeof(report)) {
		r->ended = 128 + SIGKILL; /* the leader, and so the pen */
		return;
	}
	if (report.what == LEADER_ENDED) {
		r->ended = report.status;
		r->taken = now_ms();
		return;
	}
	r->stopped = 1;
	begin_stop(r);
}

/* The console has given the terminal back, and says what for. */
static void
take_wish(struct relay *r, int wish)
{
	if (r->state != LENT && r->state != RECALLING)
		return;
	take_back(r);
	if (wish == DESK_LITERAL)
		to_program(r, r->keys.key, r->keys.key_n);
	if (wish == DESK_QUIT)
		send_order(r, LEADER_END);
	if (wish != DESK_SUSPEND)
		return;
	r->frozen = 1;
	send_order(r, LEADER_FREEZE);
	begin_stop(r);
}

/* ASCII: the terminal need not be one of UTF-8. */
static void
take_news(struct relay *r, const char *text, size_t n)
{
	err_visible(r->news, sizeof(r->news), text, n);
	for (char *c = r->news; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
}

static void
take_desk(struct relay *r)
{
	unsigned char data[DESK_MAX];
	size_t n;
	int what = desk_receive(r->desk, data, &n);

	switch (what) {
	case -1:
		break;
	case DESK_ANSWER:
		to_program(r, data, n);
		break;
	case DESK_TYPED:
		take_typed(r, data, n);
		break;
	case DESK_NEWS:
		take_news(r, (char *)data, n);
		break;
	case 0:
		lose_console(r);
		if (r->state == LENT) {
			take_back(r);
			press_escape(r); /* which says so */
		}
		break;
	default:
		take_wish(r, what);
	}
}

/* A question is what the mark says until somebody has looked. */
static int
is_lesser(const struct relay *r)
{
	return strstr(r->screen->now.mark, ": asks ") &&
	       strncmp(r->news, "asks ", 5) != 0;
}

/* A refusal or question is told where it disturbs nothing. */
static void
tell_news(struct relay *r)
{
	char text[SCREEN_MARK], out[SCREEN_TEXT];

	if (!r->news[0] || r->state != SHOWING || r->shown_n > 0 ||
	    !screen_idle(r->screen))
		return;
	switch (r->c->notice) {
	case NOTICE_TITLE:
		if (is_lesser(r))
			break;
		/* long names are cut, and not the key */
		snprintf(text, sizeof(text), "%.*s %s", SCREEN_MARK - 16,
			 r->news, r->c->key);
		write_tty(r, out, screen_mark(r->screen, text, out));
		break;
	case NOTICE_BELL:
		write_tty(r, "\a", 1);
		break;
	case NOTICE_DESKTOP: /* rxvt's and iTerm2's; each ignores the other */
		write_tty(r, out,
			  (size_t)snprintf(out, sizeof(out),
					   "\033]777;notify;pen;%s (%s)\033\\",
					   r->news, r->c->key));
		break;
	default:
		break;
	}
	r->news[0] = '\0';
}

/* --- the loop ------------------------------------------------------------- */

static void
choose_earlier(int64_t *first, int64_t when)
{
	if (when && (!*first || when < *first))
		*first = when;
}

/* For how long nothing need be done, for poll(2). */
static int
timeout(const struct relay *r)
{
	int64_t first = 0, left;

	choose_earlier(&first, r->redraw);
	choose_earlier(&first, r->deadline);
	if (r->keys.held && r->state == SHOWING)
		choose_earlier(&first, r->heard + ANSWER_MS);
	if (r->state == ASKING)
		choose_earlier(&first, r->heard + SILENT_MS);
	if (r->ended >= 0 && r->state == SHOWING)
		choose_earlier(&first, r->taken + STUCK_MS);
	if (!first)
		return -1;
	left = first - now_ms();
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
	if (r->keys.held && r->state == SHOWING && now - r->heard >= ANSWER_MS)
		end_sequence(r);
}

/* Whether the program may write on. */
static int
has_room(const struct relay *r)
{
	if (r->state == SHOWING)
		return r->shown_n == 0;
	return r->state <= RECALLING && r->kept_n < KEPT_MAX;
}

static void
wait_for(struct relay *r, struct pollfd *p)
{
	int reads = r->state == SHOWING || r->state == ASKING;
	int more = r->state == SHOWING && r->shown_n == 0 &&
		   (r->kept_n > 0 || r->ended >= 0);

	p[FROM_TTY].fd = reads && !r->gone ? r->c->tty->in : -1;
	p[TO_TTY].fd = r->shown_n > 0 ? r->c->tty->out : -1;
	p[PTY].events = (short)((has_room(r) ? POLLIN : 0) |
				(r->typed_n > 0 ? POLLOUT : 0));
	p[PTY].fd = p[PTY].events ? r->c->leader->master : -1;
	p[LEADER].fd = r->ended < 0 ? r->c->leader->sock : -1;
	p[DESK].fd = r->desk;
	if (poll(p, FDS, more ? 0 : timeout(r)) < 0)
		for (int i = 0; i < FDS; i++)
			p[i].revents = 0;
}

/* The pen has ended; what it wrote before is still to be shown. */
static void
end_when_shown(struct relay *r, int read)
{
	if (r->ended < 0)
		return;
	if (r->state == LENT)
		recall_console(r);
	else if (r->state == COVERING)
		take_back(r);
	if (r->state != SHOWING)
		return;
	/* poll(2) waits for what is between the two ends (n_tty.c) */
	if ((!read && r->shown_n == 0 && r->kept_n == 0) || r->gone ||
	    now_ms() >= r->taken + STUCK_MS)
		release_terminal(r, 0);
}

static void
take_turn(struct relay *r, struct pollfd *p)
{
	int read = 0;

	wait_for(r, p);
	if (p[FROM_TTY].revents)
		read_tty(r);
	if (p[TO_TTY].revents)
		flush_shown(r);
	if (r->typed_n > 0)
		write_pty(r);
	if (has_room(r) && ((p[PTY].revents & POLLIN) || r->kept_n > 0))
		read = read_pty(r);
	if (p[DESK].revents)
		take_desk(r);
	if (p[SIGNALS].revents)
		take_signals(r);
	if (p[LEADER].revents) {
		take_report(r);
		read = 1; /* one more look, at what it wrote last */
	}
	take_time(r);
	end_when_shown(r, read || (p[PTY].revents & POLLIN));
	step_until_settled(r);
	tell_news(r);
	if (r->gone && !r->dying) {
		r->dying = SIGHUP;
		send_order(r, LEADER_END);
	}
}

static int
watch_signals(void)
{
	static const int signals[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGHUP,
				      SIGINT,	SIGQUIT, SIGTERM};
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		die(ERR_TOOL, "cannot wait for signals: %m");
	return fd;
}

int
relay_run(const struct relay_config *config)
{
	static struct relay r;
	struct pollfd p[FDS] = {
	    [FROM_TTY] = {.events = POLLIN},
	    [TO_TTY] = {.events = POLLOUT},
	    [LEADER] = {.events = POLLIN},
	    [DESK] = {.events = POLLIN},
	};

	r.c = config;
	r.screen = &config->shared->screen;
	r.desk = config->desk;
	r.ended = -1;
	keys_init(&r.keys, config->escape);
	r.signals = watch_signals();
	p[SIGNALS] = (struct pollfd){.fd = r.signals, .events = POLLIN};
	take_modes(&r);
	take_size(&r, 0);
	while (r.state != DONE)
		take_turn(&r, p);
	return r.dying ? 128 + r.dying : r.ended;
}
