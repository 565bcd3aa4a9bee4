#include "pen-shell/console.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "pen-shell/commands.h"
#include "pen-shell/tty.h"

/* A terminal that does not say where its cursor is has no more time. */
#define WAIT_MS 1000
/* The rest of a key comes at once, or it was none. */
#define KEY_MS 100
/* Who types at a question sooner than this has not read it. */
#define BLIND_MS 1000

struct console {
	struct console_config config;
	struct session *session;
	int open;
	enum console_wish wish;

	unsigned rows, cols;
	char position[TTY_TEXT]; /* the answer that is waited for, or "" */
	int64_t deadline; /* of that, of the rest of a key, or of blind */
	int greeted;
	int blind; /* a question is shown, and not to be answered yet */

	unsigned char part[SCREEN_HOLD]; /* a key or answer that has begun */
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
prepare(int meta)
{
	(void)meta; /* the relay has set the terminal's modes */
	rl_tty_set_echoing(1);
}

static void
unprepare(void)
{
}

static void next(struct console *c, int fresh);

static void
take_line(char *line)
{
	if (!line) {
		puts("");
		the->wish = CONSOLE_LEAVE;
	} else if (line[strspn(line, " \t")] == '\0') {
		the->wish = CONSOLE_LEAVE;
	} else {
		add_history(line);
		the->wish = commands_run(&the->config, the->session, line);
	}
	free(line);
	if (the->wish != CONSOLE_STAY)
		rl_callback_handler_remove();
	else if (!the->session->shown && the->session->open_n > 0)
		next(the, 0);
	fflush(stdout);
}

static char *
complete_word(const char *text, int state)
{
	char *before = mem_printf("%.*s", rl_point - (int)strlen(text),
				  rl_line_buffer);
	char *word = commands_complete(the->session, before, text, state);

	free(before);
	return word;
}

static char **
complete(const char *text, int start, int end)
{
	(void)start;
	(void)end;
	rl_attempted_completion_over = 1; /* never names of files */
	return rl_completion_matches(text, complete_word);
}

/* Ctrl-C: this line is not meant. */
static int
abandon(int count, int key)
{
	(void)count;
	(void)key;
	fputs("^C\n", rl_outstream);
	rl_replace_line("", 1);
	rl_on_new_line();
	rl_redisplay();
	return 0;
}

struct console *
console_new(const struct console_config *config, struct session *session)
{
	struct console *c = mem_alloc(sizeof(*c));

	c->config = *config;
	c->session = session;
	the = c;
	rl_readline_name = "pen-shell";
	rl_instream = stdin;
	rl_outstream = stdout;
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_prep_term_function = prepare;
	rl_deprep_term_function = unprepare;
	rl_getc_function = get_byte;
	rl_input_available_hook = has_byte;
	rl_attempted_completion_function = complete;
	rl_completer_word_break_characters = " \t";
	rl_completion_query_items = -1; /* it would read its answer itself */
	rl_initialize();
	rl_variable_bind("page-completions", "off");
	rl_variable_bind("enable-bracketed-paste", "off"); /* it is ours */
	rl_bind_key(3, abandon);
	using_history();
	stifle_history(500);
	return c;
}

int
console_is_open(const struct console *c)
{
	return c->open;
}

void
console_size(struct console *c, unsigned rows, unsigned cols)
{
	c->rows = rows;
	c->cols = cols;
	if (c->open && !c->position[0] && !c->blind) {
		rl_set_screen_size((int)rows, (int)cols);
		rl_forced_update_display();
	}
}

/*
 * The terminal answers in order.  When it says that the cursor is where it has
 * just been put, all that was typed or answered before has come: a column by
 * chance, so that an answer to somebody else is not taken for this one.
 */
static void
await_position(struct console *c)
{
	char text[TTY_TEXT];

	tty_question(c->cols, text, c->position);
	c->deadline = now_ms() + WAIT_MS;
	fputs(text, stdout);
	fflush(stdout);
}

void
console_open(struct console *c, unsigned rows, unsigned cols)
{
	c->open = 1;
	c->wish = CONSOLE_STAY;
	c->part_n = c->queue_at = c->queue_n = 0;
	c->paste = c->greeted = c->blind = 0;
	c->session->shown = 0;
	c->rows = rows;
	c->cols = cols;
	await_position(c);
}

static void
greet(struct console *c)
{
	c->greeted = 1;
	printf("\033[H\033[?2004hThe pen of process %ld; 'help' lists the "
	       "commands, an empty line goes back.\n",
	       (long)c->config.leader->pen);
	if (c->session->refusals)
		printf("%u refused since the last time: 'denied' lists the "
		       "names\n",
		       c->session->refusals);
	c->session->refusals = 0;
	c->session->news[0] = '\0';
}

/*
 * The oldest question, or its prompt if it was shown, or that of the commands.
 * A question is shown at the bottom, where the cursor is easily brought back to
 * when the terminal has been asked where it is.
 */
static void
next(struct console *c, int fresh)
{
	const struct session_question *q = &c->session->open[0];

	if (c->session->open_n > 0 && q->id != c->session->shown) {
		rl_callback_handler_remove();
		c->session->shown = q->id;
		c->session->news[0] = '\0';
		c->blind = 1;
		c->deadline = now_ms() + BLIND_MS;
		/* below the greeting there is room; else all moves up */
		if (fresh && c->rows > 5)
			printf("\033[%uH", c->rows - 2);
		else
			printf("\033[999H\r\n");
		printf("The program wants  %s\n" COMMANDS_ANSWERS "\n",
		       q->rule);
	} else {
		c->session->shown = c->session->open_n > 0 ? q->id : 0;
		rl_set_screen_size((int)c->rows, (int)c->cols);
		rl_callback_handler_install(
			c->session->shown ? "answer> " : "pen> ", take_line);
	}
	fflush(stdout);
}

/* Nothing typed from now on was typed before. */
static void
pass_position(struct console *c)
{
	int fresh = !c->greeted;

	c->position[0] = '\0';
	c->deadline = 0;
	c->part_n = 0;
	if (fresh)
		greet(c);
	else
		printf("\033[999H\r\033[K");
	next(c, fresh);
}

void
console_news(struct console *c)
{
	struct session *s = c->session;
	int over = s->shown && (s->open_n == 0 || s->open[0].id != s->shown);

	if (!c->open || c->position[0])
		return; /* pass_position shows it */
	if (over) {
		s->shown = 0;
		printf("\r\033[K%s\n", s->over);
	}
	if (over && (c->blind || rl_end == 0)) {
		c->blind = 0;
		c->deadline = 0;
		next(c, 0);
	} else if (over) {
		/* a line that was begun is a command now, and no answer to
		 * another one: questions without end take nobody's words */
		rl_set_prompt("pen> ");
		rl_on_new_line();
		rl_redisplay();
		fflush(stdout);
	} else if (s->open_n > 0 && !s->shown && rl_end == 0) {
		next(c, 0);
	}
}

void
console_close(struct console *c)
{
	rl_callback_handler_remove();
	if (c->greeted)
		printf("\033[?2004l");
	fflush(stdout);
	c->open = c->blind = 0;
	c->session->shown = 0;
	c->position[0] = '\0';
	c->deadline = 0;
}

/* Key by key, so that nothing is read behind the end of a line. */
static void
feed_readline(struct console *c, const unsigned char *p, size_t n)
{
	memcpy(c->queue, p, n);
	c->queue_at = 0;
	c->queue_n = n;
	while (c->queue_at < c->queue_n && c->wish == CONSOLE_STAY)
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

static int
is_our_position(const struct console *c, const unsigned char *p, size_t n)
{
	return c->position[0] && n == strlen(c->position) &&
	       memcmp(p, c->position, n) == 0;
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

/* Takes what is complete of c->part. */
static size_t
take_parts(struct console *c, const struct keys *k, unsigned char *answer)
{
	size_t at = 0, used = 0;

	while (at < c->part_n && c->wish == CONSOLE_STAY) {
		const unsigned char *p = c->part + at;
		enum keys_kind kind;
		size_t n = keys_next(k, p, c->part_n - at, &kind);

		if (kind == KEYS_TYPED)
			n = character_length(p, c->part_n - at, n);
		if (n == 0)
			break;
		at += n;
		if (is_our_position(c, p, n)) {
			memmove(c->part, c->part + at, c->part_n - at);
			at = c->part_n - at;
			pass_position(c);
			c->part_n = at;
			at = 0;
		} else if (kind == KEYS_ANSWER || kind == KEYS_POSITION) {
			memcpy(answer + used, p, n);
			used += n;
		} else if (kind == KEYS_ESCAPE && !c->paste) {
			c->wish = CONSOLE_LITERAL;
		} else if (kind == KEYS_TYPED && !c->position[0] && !c->blind) {
			take_key(c, p, n);
		}
	}
	c->part_n -= at;
	memmove(c->part, c->part + at, c->part_n);
	return used;
}

size_t
console_input(struct console *c, const struct keys *k, const void *p, size_t n,
	      void *answer, size_t *used)
{
	const unsigned char *in = p;
	size_t taken = 0;

	*used = 0;
	while (taken < n && c->wish == CONSOLE_STAY) {
		size_t room = sizeof(c->part) - c->part_n;

		if (room == 0) { /* an answer that has no end */
			c->part_n = 0;
			continue;
		}
		if (room > n - taken)
			room = n - taken;
		memcpy(c->part + c->part_n, in + taken, room);
		c->part_n += room;
		taken += room;
		*used += take_parts(c, k, (unsigned char *)answer + *used);
	}
	if (!c->position[0] && !c->blind)
		c->deadline = c->part_n > 0 ? now_ms() + KEY_MS : 0;
	/* what is left came behind the key that is the last */
	return c->wish == CONSOLE_STAY ? taken : taken - c->part_n;
}

int64_t
console_deadline(const struct console *c)
{
	return c->open ? c->deadline : 0;
}

void
console_time(struct console *c)
{
	c->deadline = 0;
	c->part_n = 0;
	if (c->blind) {
		c->blind = 0;
		await_position(c);
	} else if (c->position[0]) {
		pass_position(c);
	}
}

enum console_wish
console_wish(struct console *c)
{
	enum console_wish wish = c->wish;

	c->wish = CONSOLE_STAY;
	return wish;
}

size_t
console_notice(struct console *c, struct screen *s, char *out)
{
	char news[168], text[224];
	size_t n;

	if (!c->session->news[0])
		return 0;
	err_visible(news, sizeof(news), c->session->news,
		    strlen(c->session->news));
	c->session->news[0] = '\0';
	snprintf(text, sizeof(text), "[pen] %s (%s)", news,
		 c->config.escape);
	switch (c->config.notice) {
	case NOTICE_TITLE:
		return screen_title(s, text, out);
	case NOTICE_BELL:
		out[0] = '\a';
		return 1;
	case NOTICE_DESKTOP: /* rxvt's and iTerm2's; each ignores the other */
		n = (size_t)snprintf(out, SCREEN_TEXT,
				     "\033]777;notify;pen;%s\033\\", text + 6);
		return n;
	default:
		return 0;
	}
}
