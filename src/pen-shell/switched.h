/*
 * switched: what the inside has switched on the user's terminal, and how it is
 * now, so that it can be switched back.  Pure: no system call.
 *
 * The struct has no pointers: it may be in shared memory, and another process
 * may call title_ and restore_ functions on a copy of it, whatever is in there.
 */
#ifndef SHELL_SWITCHED_H
#define SHELL_SWITCHED_H

#include <stddef.h>

/* The longest mark before a title, with NUL. */
#define SCREEN_MARK 64

#define SCREEN_MODES 48
#define SCREEN_KITTY 8

enum screen_title { SCREEN_TITLE_MARK, SCREEN_TITLE_ALLOW, SCREEN_TITLE_DENY };

struct screen_policy {
	int clipboard; /* may be written; it can never be read */
	enum screen_title title;
	int notifications; /* of the desktop pass */
	int utf8; /* the terminal's encoding; else one byte a character */
};

/* Controls that choose between character sets; kept in shift. */
enum { SHIFT_OUT = 0x0e, SHIFT_IN = 0x0f };

/* What is not as it was, besides what has a field of its own. */
enum {
	DIRTY_INSERT = 1 << 0,
	DIRTY_ECHO = 1 << 1,
	DIRTY_NEWLINE = 1 << 2,
	DIRTY_KEYPAD = 1 << 3,
	DIRTY_MODIFY = 1 << 4,
	DIRTY_TABS = 1 << 5,
	DIRTY_PROTECT = 1 << 6,
	DIRTY_LINK = 1 << 7,
	DIRTY_PROGRESS = 1 << 8,
	DIRTY_TITLE = 1 << 9, /* the user's own is on the title stack */
	DIRTY_SETS = 1 << 10,
	DIRTY_CURSOR = 1 << 11,
	DIRTY_TEXT = 1 << 12, /* colours and attributes of characters */
	DIRTY_COLOR_4 = 1 << 13,
	DIRTY_COLOR_5 = 1 << 14,
	DIRTY_COLOR_10 = 1 << 15, /* to 19 */
};

/* The kitty keyboard protocol's stack; each of the two screens has one. */
struct screen_kitty {
	unsigned char flags[SCREEN_KITTY], n;
	unsigned char base; /* set without a push */
};

struct switched {
	struct screen_policy policy;

	unsigned asked; /* questions that passed, and will be answered */

	struct {
		unsigned short number;
		unsigned char on;
	} modes[SCREEN_MODES]; /* private modes that are not as they were */
	size_t modes_n;
	unsigned dirty;			 /* of DIRTY_ */
	unsigned alternate;		 /* is shown: 47, 1047, 1049; or 0 */
	unsigned top, bottom;		 /* the scrolling region, 0 0: all */
	unsigned char sets[4][2], shift; /* character sets */
	unsigned cursor;		 /* its shape */
	unsigned modify;		 /* modifyOtherKeys */
	unsigned titles;		 /* on the title stack, from inside */
	unsigned char title[256];	 /* the last from inside, without ST */
	size_t title_n, title_at;	 /* where its text begins */
	char mark[SCREEN_MARK]; /* before titles; "": as the policy says */
	struct screen_kitty kitty[2];
};

/* Whether the private mode is on where nobody has switched it. */
int switched_default(unsigned mode);

/* Whether the private mode shows the alternate screen. */
int switched_alternate(unsigned mode);

/* The private mode is on or off now; there is room for a new one in modes. */
void switched_mode(struct switched *w, unsigned number, int on);

/* Sets or clears a bit of dirty. */
void switched_note(struct switched *w, unsigned bit, int on);

/* DECSTR: notes what it sets back, as far as terminals agree. */
void switched_soft_reset(struct switched *w);

/* RIS: notes that all is as at the start, but for the titles. */
void switched_hard_reset(struct switched *w);

#endif
