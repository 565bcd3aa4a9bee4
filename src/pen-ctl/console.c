#include "pen-ctl/console.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "lib/desk.h"
#include "lib/err.h"
#include "lib/keys.h"
#include "lib/mem.h"
#include "lib/setting.h"
#include "lib/terminal.h"
#include "pen-ctl/commands.h"
#include "pen-ctl/questions.h"

/* A terminal that does not say where its cursor is has no more time. */
#define WAIT_MS 1000
/* The rest of a key comes at once, or it was none. */
#define KEY_MS 100
/* Who types at a question sooner than this has not read it. */
#define BLIND_MS 1000
/* The session's socket is there soon after the start, or never. */
#define RETRY_MS 5
#define RETRIES 2000
/* A console that is opened at once is to have the session, if there is one. */
#define SESSION_MS 500

/* The longest answer of a terminal that is looked at as a whole. */
#define PART_MAX DESK_MAX

enum state {
	CLOSED,	    /* the terminal is the relay's */
	ASKING,	    /* it is ours; what it was sent before has to come first */
	CONNECTING, /* the session is waited for, a little */
	BLIND,	    /* a question is shown, and not to be answered yet */
	PROMPT
};

struct console {
	struct commands commands;
	struct keys keys;
	int desk, signals, retries;
	enum state state;
	int wish; /* what the relay will be told: the terminal is its again */

	struct termios before; /* when it was lent */
	unsigned rows, cols;
	int64_t deadline; /* of the state, or of the rest of a key; 0: none */
	int greeted;

	char
	    want[TERMINAL_FENCE]; /* the last answer before the keys are ours */
	char places[1024];	  /* answers that may be the beginning of it */
	size_t places_n;

	unsigned char part[PART_MAX]; /* a key or answer that has begun */
	size_t part_n;
	int paste;
	unsigned char queue[KEYS_HOLD]; /* one key, which readline reads */
	size_t queue_at, queue_n;
};

/* readline's functions have no argument. */
static struct console *the;

/*
 * readline completes "~user" and asks for a shell.  The console has no use for
 * either, and a static program has no name service.
 */
struct passwd *
getpwnam(const char *name)
{
	(void)name;
	return NULL;
}

struct passwd *
getpwuid(uid_t uid)
{
	(void)uid;
	return NULL;
}

struct passwd *
getpwent(void)
{
	return NULL;
}

void
setpwent(void)
{
}

void
endpwent(void)
{
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
get_byte(FILE *f)
{
	(void)f;
	return the->queue_at < the->queue_n ? the->queue[the->queue_at++] : EOF;
}

static int
has_byte(void)
{
	return the->queue_at < the->queue_n;
}

static void
keep_modes(int meta)
{
	(void)meta; /* open_console has set the terminal's modes */
	rl_tty_set_echoing(1);
}

static void
restore_nothing(void)
{
}

static void show_next(struct console *c, int fresh);

static void
take_line(char *line)
{
	struct watch *w = &the->commands.watch;

	if (!line)
		puts("");
	if (!line || line[strspn(line, " \t")] == '\0') {
		the->wish = DESK_LEAVE;
	} else {
		add_history(line);
		the->wish = commands_run(&the->commands, line);
	}
	free(line);
	if (the->wish)
		rl_callback_handler_remove();
	else if (!w->shown && w->open_n > 0)
		show_next(the, 0);
	fflush(stdout);
}

static char *
complete_word(const char *text, int state)
{
	char *before =
	    mem_printf("%.*s", rl_point - (int)strlen(text), rl_line_buffer);
	char *word = commands_complete(&the->commands, before, text, state);

	free(before);
	return word;
}

static char **
complete_line(const char *text, int start, int end)
{
	(void)start;
	(void)end;
	rl_attempted_completion_over = 1; /* never names of files */
	return rl_completion_matches(text, complete_word);
}

/* Ctrl-C: this line is not meant. */
static int
abandon_line(int count, int key)
{
	(void)count;
	(void)key;
	fputs("^C\n", rl_outstream);
	rl_replace_line("", 1);
	rl_on_new_line();
	rl_redisplay();
	return 0;
}

static void
start_readline(void)
{
	rl_readline_name = "pen-shell";
	rl_instream = stdin;
	rl_outstream = stdout;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_prep_term_function = keep_modes;
	rl_deprep_term_function = restore_nothing;
	rl_getc_function = get_byte;
	rl_input_available_hook = has_byte;
	rl_attempted_completion_function = complete_line;
	rl_completer_word_break_characters = " \t";
	rl_completion_query_items = -1; /* it would read its answer itself */
	rl_initialize();
	rl_variable_bind("page-completions", "off");
	rl_variable_bind("enable-bracketed-paste", "off"); /* it is ours */
	rl_bind_key(3, abandon_line);
	using_history();
	stifle_history(500);
}

/* --- the terminal --------------------------------------------------------- */

/* Lines are written as usual, but keys come one by one. */
static void
take_modes(struct console *c)
{
	struct termios keys;

	if (tcgetattr(STDIN_FILENO, &c->before) < 0)
		return;
	keys = c->before;
	cfmakeraw(&keys);
	keys.c_oflag |= OPOST | ONLCR;
	keys.c_cc[VMIN] = 1;
	keys.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &keys);
}

/*
 * The relay is gone, and pen-shell's leader has put the terminal right, or
 * will. If it had when we took the terminal, the modes were those of a shell.
 */
static _Noreturn void
end_with_relay(const struct console *c)
{
	if (c->state != CLOSED && (c->before.c_lflag & ICANON))
		tcsetattr(STDIN_FILENO, TCSANOW, &c->before);
	_exit(0);
}

static int
relay_is_gone(const struct console *c)
{
	char byte;

	return recv(c->desk, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void
take_size(struct console *c)
{
	struct winsize size;

	c->rows = 24;
	c->cols = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return;
	if (size.ws_row > 0)
		c->rows = size.ws_row;
	if (size.ws_col > 0)
		c->cols = size.ws_col;
}

/*
 * The terminal answers in order.  When it says that the cursor is where it has
 * just been put, all that was typed or answered before has come.
 */
static void
await_place(struct console *c)
{
	char text[TERMINAL_FENCE];

	terminal_fence(c->cols < 20 ? c->cols : 20, text, c->want);
	c->places_n = 0;
	c->state = ASKING;
	c->deadline = now_ms() + WAIT_MS;
	fputs(text, stdout);
	fflush(stdout);
}

/* What the terminal answers to the program goes there. */
static void
pass_on(struct console *c, const void *p, size_t n)
{
	const unsigned char *at = p;

	while (n > 0) {
		size_t k = n < DESK_MAX ? n : DESK_MAX;

		desk_send(c->desk, DESK_ANSWER, at, k);
		at += k;
		n -= k;
	}
}

/* A question's own eight answers are among those to the program, and last. */
static int
take_place(struct console *c, const void *p, size_t n)
{
	size_t want = strlen(c->want);

	if (c->state != ASKING) {
		pass_on(c, p, n);
		return 0;
	}
	if (n > sizeof(c->places) - c->places_n) {
		pass_on(c, c->places, c->places_n - want);
		memmove(c->places, c->places + c->places_n - want, want);
		c->places_n = want;
	}
	memcpy(c->places + c->places_n, p, n);
	c->places_n += n;
	if (c->places_n < want ||
	    memcmp(c->places + c->places_n - want, c->want, want) != 0)
		return 0;
	pass_on(c, c->places, c->places_n - want);
	c->places_n = 0;
	return 1;
}

/* --- what is shown -------------------------------------------------------- */

static void
print_greeting(struct console *c)
{
	struct watch *w = &c->commands.watch;

	c->greeted = 1;
	printf("\033[H\033[?2004hThe pen of process %s; 'help' lists the "
	       "commands, an empty line goes back.\n",
	       c->commands.pen);
	if (w->refusals)
		printf("%u refused since the last time: 'denied' lists the "
		       "names\n",
		       w->refusals);
	w->refusals = 0;
	w->news[0] = '\0';
}

/*
 * The oldest question, or its prompt if it was shown, or that of the commands.
 * A question is shown at the bottom, where the cursor is easily brought back to
 * when the terminal has been asked where it is.
 */
static void
show_next(struct console *c, int fresh)
{
	struct watch *w = &c->commands.watch;
	const struct watch_question *q = &w->open[0];

	c->deadline = 0;
	if (w->open_n > 0 && q->id != w->shown) {
		rl_callback_handler_remove();
		w->shown = q->id;
		w->news[0] = '\0';
		c->state = BLIND;
		c->deadline = now_ms() + BLIND_MS;
		/* below the greeting there is room; else all moves up */
		if (fresh && c->rows > 5)
			printf("\033[%uH", c->rows - 2);
		else
			printf("\033[999H\r\n");
		printf("The program wants  %s\n" QUESTIONS_ANSWERS "\n",
		       q->rule);
	} else {
		w->shown = w->open_n > 0 ? q->id : 0;
		c->state = PROMPT;
		rl_set_screen_size((int)c->rows, (int)c->cols);
		rl_callback_handler_install(w->shown ? "answer> " : "pen> ",
					    take_line);
	}
	fflush(stdout);
}

static void
begin_prompt(struct console *c)
{
	int fresh = !c->greeted;

	if (fresh)
		print_greeting(c);
	else
		printf("\033[999H\r\033[K");
	show_next(c, fresh);
}

/* Nothing typed from now on was typed before. */
static void
pass_place(struct console *c)
{
	pass_on(c, c->places, c->places_n);
	c->places_n = 0;
	if (!c->greeted && c->commands.watch.events.fd < 0 && c->retries > 0) {
		c->state = CONNECTING;
		c->deadline = now_ms() + SESSION_MS;
		return;
	}
	begin_prompt(c);
}

/* The session has said something. */
static void
take_news(struct console *c)
{
	struct watch *w = &c->commands.watch;
	int over = w->shown && (w->open_n == 0 || w->open[0].id != w->shown);

	if (c->state == CLOSED) {
		if (w->news[0])
			desk_send(c->desk, DESK_NEWS, w->news, strlen(w->news));
		w->news[0] = '\0';
		return;
	}
	if (c->state != BLIND && c->state != PROMPT)
		return; /* begin_prompt() shows it */
	if (over) {
		w->shown = 0;
		printf("\r\033[K%s\n", w->over);
	}
	if (over && (c->state == BLIND || rl_end == 0)) {
		show_next(c, 0);
	} else if (over) {
		/* a line that was begun is a command now, and no answer to
		 * another one: questions without end take nobody's words */
		rl_set_prompt("pen> ");
		rl_on_new_line();
		rl_redisplay();
		fflush(stdout);
	} else if (w->open_n > 0 && !w->shown && rl_end == 0) {
		show_next(c, 0);
	}
}

/* --- opened and closed ---------------------------------------------------- */

static void
open_console(struct console *c)
{
	if (c->state != CLOSED)
		return;
	if (relay_is_gone(c)) /* it was killed behind that word */
		end_with_relay(c);
	if (!the) {
		the = c;
		start_readline();
	}
	c->wish = COMMANDS_STAY;
	c->part_n = c->queue_at = c->queue_n = 0;
	c->paste = c->greeted = 0;
	c->commands.watch.shown = 0;
	take_size(c);
	take_modes(c);
	await_place(c);
}

/* This has to arrive: a relay that has much to read is waited for. */
static void
tell_relay(const struct console *c, enum desk what)
{
	struct pollfd p = {.fd = c->desk, .events = POLLOUT};

	while (desk_send(c->desk, what, NULL, 0) < 0 && errno == EAGAIN)
		poll(&p, 1, -1);
}

/* The terminal is the relay's again, and it is told why. */
static void
close_console(struct console *c, enum desk why)
{
	if (c->state == CLOSED)
		return;
	rl_callback_handler_remove(); /* a line that was begun is none */
	if (c->greeted)
		printf("\033[?2004l");
	fflush(stdout);
	c->state = CLOSED;
	c->deadline = 0;
	c->commands.watch.shown = 0;
	pass_on(c, c->places, c->places_n);
	c->places_n = 0;
	tell_relay(c, why);
	if (why == DESK_LITERAL || (why == DESK_LEAVE && c->wish))
		desk_send(c->desk, DESK_TYPED, c->part, c->part_n);
	c->part_n = 0;
}

/* --- keys ----------------------------------------------------------------- */

/* Key by key, so that nothing is read behind the end of a line. */
static void
feed_readline(struct console *c, const unsigned char *p, size_t n)
{
	memcpy(c->queue, p, n);
	c->queue_at = 0;
	c->queue_n = n;
	while (c->queue_at < c->queue_n && !c->wish && c->state == PROMPT)
		rl_callback_read_char();
	fflush(stdout);
}

/* Pasted text is typed by nobody: it is put in, and no key or end of a line. */
static void
take_key(struct console *c, const unsigned char *p, size_t n)
{
	if (n == 6 && (memcmp(p, "\033[200~", 6) == 0 ||
		       memcmp(p, "\033[201~", 6) == 0)) {
		c->paste = p[4] == '0';
		return;
	}
	if (c->paste && n == 1 && (p[0] < 0x20 || p[0] == 0x7f))
		feed_readline(c, (const unsigned char *)" ", 1);
	else if (!c->paste || p[0] != 27)
		feed_readline(c, p, n);
}

/* The length of the character at p, which readline must get whole. */
static size_t
character_length(const unsigned char *p, size_t n, size_t len)
{
	size_t want = p[0] >= 0xf0   ? 4
		      : p[0] >= 0xe0 ? 3
		      : p[0] >= 0xc0 ? 2
				     : 1;

	if (len != 1 || want == 1)
		return len;
	return want <= n ? want : 0;
}

static void
take_item(struct console *c, const unsigned char *p, size_t n,
	  enum keys_kind kind)
{
	if (kind == KEYS_POSITION && take_place(c, p, n))
		pass_place(c);
	else if (kind == KEYS_ANSWER)
		pass_on(c, p, n);
	else if (kind == KEYS_ESCAPE && !c->paste)
		c->wish = DESK_LITERAL;
	else if (kind == KEYS_TYPED && c->state == PROMPT)
		take_key(c, p, n);
}

/* Takes what is complete of c->part. */
static void
take_parts(struct console *c)
{
	size_t at = 0;

	while (at < c->part_n && !c->wish) {
		unsigned char item[PART_MAX];
		const unsigned char *p = c->part + at;
		enum keys_kind kind;
		size_t n = keys_next(&c->keys, p, c->part_n - at, &kind);

		if (kind == KEYS_TYPED)
			n = character_length(p, c->part_n - at, n);
		if (n == 0)
			break;
		memcpy(item, p, n);
		at += n;
		take_item(c, item, n, kind);
	}
	c->part_n -= at;
	memmove(c->part, c->part + at, c->part_n);
}

static void
read_terminal(struct console *c)
{
	ssize_t n;

	if (c->part_n == sizeof(c->part))
		c->part_n = 0; /* an answer that has no end */
	n = read(STDIN_FILENO, c->part + c->part_n,
		 sizeof(c->part) - c->part_n);
	if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EIO))
		return;
	if (n <= 0)
		_exit(0); /* there is no terminal any more */
	c->part_n += (size_t)n;
	take_parts(c);
	if (c->state == PROMPT)
		c->deadline = c->part_n > 0 ? now_ms() + KEY_MS : 0;
}

/* --- events --------------------------------------------------------------- */

static void
take_time(struct console *c)
{
	if (!c->deadline || now_ms() < c->deadline)
		return;
	c->deadline = 0;
	c->part_n = 0;
	if (c->state == BLIND)
		await_place(c);
	else if (c->state == ASKING)
		pass_place(c);
	else if (c->state == CONNECTING)
		begin_prompt(c);
}

static void
take_desk(struct console *c)
{
	unsigned char data[DESK_MAX];
	size_t n;

	switch (desk_receive(c->desk, data, &n)) {
	case 0:
		end_with_relay(c);
	case DESK_OPEN:
		open_console(c);
		break;
	case DESK_CLOSE:
		close_console(c, DESK_LEAVE);
		break;
	default:
		break; /* it can say nothing else */
	}
}

static void
take_signals(struct console *c)
{
	struct signalfd_siginfo info;

	while (read(c->signals, &info, sizeof(info)) == sizeof(info)) {
		if (c->state == CLOSED)
			continue;
		if (info.ssi_signo == SIGCONT)
			take_modes(c);
		take_size(c);
		if (c->state != PROMPT)
			continue;
		rl_set_screen_size((int)c->rows, (int)c->cols);
		rl_forced_update_display();
	}
}

static void
connect_session(struct console *c)
{
	struct watch *w = &c->commands.watch;

	if (w->events.fd >= 0 || c->retries == 0)
		return;
	c->retries--;
	if (watch_connect(w, c->commands.pen) < 0)
		return;
	c->retries = 0;
	if (c->state == CONNECTING)
		begin_prompt(c);
	else
		take_news(c);
}

static int
timeout(const struct console *c)
{
	int64_t left = c->deadline ? c->deadline - now_ms() : -1;

	if (c->deadline && left < 0)
		left = 0;
	if (c->retries > 0 && (left < 0 || left > RETRY_MS))
		left = RETRY_MS;
	return (int)left;
}

static void
serve_once(struct console *c)
{
	struct watch *w = &c->commands.watch;
	struct pollfd p[] = {
	    {.fd = c->desk, .events = POLLIN},
	    {.fd = c->state == CLOSED ? -1 : STDIN_FILENO, .events = POLLIN},
	    {.fd = c->signals, .events = POLLIN},
	    {.fd = w->events.fd, .events = POLLIN},
	    {.fd = w->questions.fd, .events = POLLIN}};

	if (poll(p, sizeof(p) / sizeof(*p), timeout(c)) < 0)
		return;
	if (p[0].revents)
		take_desk(c);
	if (p[1].revents && c->state != CLOSED)
		read_terminal(c);
	if (p[2].revents)
		take_signals(c);
	if (p[3].revents || p[4].revents) {
		watch_read(w);
		take_news(c);
	}
	connect_session(c);
	take_time(c);
	if (c->wish)
		close_console(c, (enum desk)c->wish);
	c->wish = COMMANDS_STAY;
}

/* While the terminal is lent to nobody here, nothing is written to it. */
static void
write_message(const char *line, size_t n)
{
	if (!the || the->state == CLOSED)
		return;
	fwrite(line, 1, n, stdout);
	fflush(stdout);
}

/* pen-shell is who stops and ends; it is our terminal's size that matters. */
static int
watch_signals(void)
{
	static const int ignored[] = {SIGINT,  SIGQUIT, SIGTERM, SIGHUP,
				      SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};
	sigset_t set;
	int fd;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		sigaction(ignored[i],
			  &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGCONT);
	sigprocmask(SIG_SETMASK, &set, NULL);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		die(ERR_TOOL, "cannot wait for signals: %m");
	return fd;
}

void
console_run(const struct ctl *ctl)
{
	struct console *c = mem_alloc(sizeof(*c));
	char *network;

	if (ctl->desk < 0 || ctl->about < 0 || !ctl->pen)
		die_hint("press its key, Ctrl-], in pen-shell",
			 "the console is started by pen-shell");
	c->desk = ctl->desk;
	c->commands.pen = ctl->pen;
	about_read(&c->commands.about, ctl->about);
	c->commands.escape = setting_value(c->commands.about.conf, "escape");
	network = setting_value(c->commands.about.conf, "network");
	c->commands.watch.events.fd = c->commands.watch.questions.fd = -1;
	c->retries = network && strcmp(network, "offline") == 0 ? 0 : RETRIES;
	free(network);
	keys_init(&c->keys,
		  keys_parse(c->commands.escape ? c->commands.escape : "none"));
	c->signals = watch_signals();
	err_write = write_message;
	for (;;)
		serve_once(c);
}
