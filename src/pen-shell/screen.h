/*
 * screen: what the inside writes to the user's terminal.  Pure: no system call.
 *
 * A terminal is a program that obeys.  So what is not known here is left out:
 * every sequence is held until it is complete, and passes only if it draws, or
 * sets something that this module can set back.  Left out are what reads the
 * screen or the clipboard, makes the terminal type what the inside chose (its
 * title, its answerback, its keys), prints, moves the window, tells programs
 * around the terminal what to do, or leaves UTF-8.
 *
 * What passed and has to be undone is remembered, and that is what lets the
 * terminal be handed to somebody else, for a while or for good.
 *
 * The struct has no pointers: it may be in shared memory, and another process
 * may call screen_leave on a copy of it, whatever is in there.
 */
#ifndef SHELL_SCREEN_H
#define SHELL_SCREEN_H

#include <stddef.h>

#include "pen-shell/switched.h"

/* The longest sequence that is looked at as a whole. */
#define SCREEN_HOLD 8192

/*
 * Room for what n bytes become, and for what the other functions write.  The
 * worst are titles where a control above 0x7f is one byte: three become five,
 * and the mark.  What is held on entry comes on top, and what ends it.
 */
#define SCREEN_ROOM(n) ((2 + SCREEN_MARK / 3) * (n) + SCREEN_HOLD + 128)
#define SCREEN_TEXT 2048

struct screen {
	/* the parser */
	unsigned char state, kind, flow;
	unsigned char hold[SCREEN_HOLD];
	size_t held;
	unsigned char utf[4], utf_n, utf_need;

	struct switched now;
};

/* Nothing is switched, and nothing is on its way. */
void screen_init(struct screen *s, const struct screen_policy *policy);

/*
 * Writes to out what the terminal gets for these n bytes; returns its length.
 * room is out's size, at least SCREEN_ROOM(n).  It ends at the end of a
 * character or sequence, unless a long picture or the like is on its way
 * (screen_idle says no).
 */
size_t screen_filter(struct screen *s, const void *in, size_t n, void *out,
		     size_t room);

/* Whether other bytes may be written to the terminal now. */
int screen_idle(const struct screen *s);

/*
 * From now on the mark before titles says news (printable, cut to what fits),
 * or NULL: nothing.  Writes to out, of SCREEN_TEXT, what shows that at once:
 * with the title that the inside has set, or the user's where there is none.
 */
size_t screen_mark(struct screen *s, const char *news, char *out);

/*
 * Each writes to out, of SCREEN_TEXT, and returns the length.  leave: all as
 * it was before the first byte; enter: and back, for a program that will draw
 * itself anew.  cover: an empty screen in a known state, to draw on; uncover:
 * and back.  Only cover may change s: a sequence on its way is cut short.
 */
size_t screen_leave(const struct screen *s, char *out);
size_t screen_enter(const struct screen *s, char *out);
size_t screen_cover(struct screen *s, char *out);
size_t screen_uncover(const struct screen *s, char *out);

#endif
