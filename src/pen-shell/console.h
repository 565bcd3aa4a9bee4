/*
 * console: the prompt behind the program, by readline(3).
 *
 * Nothing that was typed before the prompt is shown is read by it, and nothing
 * that the terminal answers to the inside: see console_input.  The same goes
 * for each question (ask = true): its prompt comes a second after it is shown.
 */
#ifndef SHELL_CONSOLE_H
#define SHELL_CONSOLE_H

#include <stdint.h>
#include <sys/types.h>

#include "pen-shell/about.h"
#include "pen-shell/keys.h"
#include "pen-shell/leader.h"
#include "pen-shell/screen.h"
#include "pen-shell/session.h"

enum notice { NOTICE_NONE, NOTICE_TITLE, NOTICE_BELL, NOTICE_DESKTOP };

struct console_config {
	const struct about *about;
	const char *escape; /* as it is written */
	enum notice notice;
	const struct leader *leader;
};

enum console_wish {
	CONSOLE_STAY,
	CONSOLE_LEAVE,
	CONSOLE_LITERAL, /* leave, and the program gets the escape key */
	CONSOLE_SUSPEND,
	CONSOLE_QUIT
};

struct console;

/* Makes it ready, reading readline's files; there is one. */
struct console *console_new(const struct console_config *config,
			    struct session *session);

/* The screen is empty and ours: asks where the cursor is, to begin with. */
void console_open(struct console *c, unsigned rows, unsigned cols);
void console_close(struct console *c);
int console_is_open(const struct console *c);

/* The terminal has another size. */
void console_size(struct console *c, unsigned rows, unsigned cols);

/*
 * Takes the n bytes that came from the terminal, and returns how many: less
 * where the console is to be left behind them.  What was an answer to the
 * inside is written to answer, of SCREEN_HOLD + n, and its length to *used.
 */
size_t console_input(struct console *c, const struct keys *k, const void *p,
		     size_t n, void *answer, size_t *used);

/* The session has been read: shows a question, or that one is over. */
void console_news(struct console *c);

/* When console_time is to be called (ms, CLOCK_MONOTONIC); 0: never. */
int64_t console_deadline(const struct console *c);
void console_time(struct console *c);

/* What is to be done now; CONSOLE_STAY but once. */
enum console_wish console_wish(struct console *c);

/*
 * Writes to out, of SCREEN_TEXT, what tells that something was refused or is
 * asked, if there is something to tell; returns its length.
 */
size_t console_notice(struct console *c, struct screen *s, char *out);

#endif
