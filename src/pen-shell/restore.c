#include "pen-shell/restore.h"

#include "pen-shell/title.h"

/* The scrolling region moves the cursor, which is put back. */
static void
put_region(unsigned top, unsigned bottom, struct text *o)
{
	if (top || bottom)
		text_print(o, "\0337\033[%u;%ur\0338", top, bottom);
	else
		text_string(o, "\0337\033[r\0338");
}

static size_t
count_modes(const struct switched *w)
{
	return w->modes_n < SCREEN_MODES ? w->modes_n : SCREEN_MODES;
}

/* All that changes what typing and drawing do, as at the start. */
static void
put_neutral(const struct switched *w, struct text *o)
{
	for (size_t i = 0; i < count_modes(w); i++)
		text_print(o, "\033[?%u%c", w->modes[i].number,
			   switched_default(w->modes[i].number) ? 'h' : 'l');
	if (w->dirty & DIRTY_INSERT)
		text_string(o, "\033[4l");
	if (w->dirty & DIRTY_ECHO)
		text_string(o, "\033[12h");
	if (w->dirty & DIRTY_NEWLINE)
		text_string(o, "\033[20l");
	if (w->dirty & DIRTY_KEYPAD)
		text_string(o, "\033>");
	if (w->dirty & DIRTY_MODIFY)
		text_string(o, "\033[>4m");
	if (w->dirty & DIRTY_PROTECT)
		text_string(o, "\033[0\"q");
	if (w->dirty & DIRTY_SETS)
		text_string(o, "\017\033(B\033)B");
	if (w->dirty & DIRTY_LINK)
		text_string(o, "\033]8;;\033\\");
	if (w->dirty & DIRTY_CURSOR)
		text_string(o, "\033[0 q");
	if (w->dirty & DIRTY_TEXT)
		text_string(o, "\033[m");
}

/* And as the inside has them. */
static void
put_switched(const struct switched *w, struct text *o)
{
	if (w->dirty & DIRTY_SETS) {
		for (unsigned i = 0; i < 4; i++)
			if (w->sets[i][0])
				text_print(o, "\033%c%c", w->sets[i][0],
					   w->sets[i][1]);
		if (w->shift == SHIFT_OUT || w->shift == SHIFT_IN)
			text_byte(o, w->shift);
		else if (w->shift)
			text_print(o, "\033%c", w->shift);
	}
	if (w->top || w->bottom)
		put_region(w->top, w->bottom, o);
	if (w->dirty & DIRTY_INSERT)
		text_string(o, "\033[4h");
	if (w->dirty & DIRTY_ECHO)
		text_string(o, "\033[12l");
	if (w->dirty & DIRTY_NEWLINE)
		text_string(o, "\033[20h");
	if (w->dirty & DIRTY_KEYPAD)
		text_string(o, "\033=");
	if (w->dirty & DIRTY_MODIFY)
		text_print(o, "\033[>4;%um", w->modify);
	if (w->dirty & DIRTY_CURSOR)
		text_print(o, "\033[%u q", w->cursor);
	for (size_t i = 0; i < count_modes(w); i++)
		text_print(o, "\033[?%u%c", w->modes[i].number,
			   w->modes[i].on ? 'h' : 'l');
}

static unsigned
count_pushed(const struct screen_kitty *k)
{
	return k->n < SCREEN_KITTY ? k->n : SCREEN_KITTY;
}

static void
leave_kitty(const struct screen_kitty *k, struct text *o)
{
	if (count_pushed(k))
		text_print(o, "\033[<%uu", count_pushed(k));
	if (k->base)
		text_string(o, "\033[=0u");
}

static void
enter_kitty(const struct screen_kitty *k, struct text *o)
{
	if (k->base)
		text_print(o, "\033[=%uu", k->base);
	for (unsigned i = 0; i < count_pushed(k); i++)
		text_print(o, "\033[>%uu", k->flags[i]);
}

void
restore_leave(const struct switched *w, struct text *o)
{
	put_neutral(w, o);
	if (w->alternate) {
		leave_kitty(&w->kitty[1], o);
		text_print(o, "\033[?%ul",
			   switched_alternate(w->alternate) ? w->alternate
							    : 1049);
	}
	leave_kitty(&w->kitty[0], o);
	if (w->top || w->bottom)
		put_region(0, 0, o);
	if (w->dirty & DIRTY_TABS)
		text_string(o, "\033[?5W");
	if (w->dirty & DIRTY_COLOR_4)
		text_string(o, "\033]104\033\\");
	if (w->dirty & DIRTY_COLOR_5)
		text_string(o, "\033]105\033\\");
	for (unsigned i = 0; i < 10; i++)
		if (w->dirty & (unsigned)DIRTY_COLOR_10 << i)
			text_print(o, "\033]%u\033\\", 110 + i);
	if (w->dirty & DIRTY_PROGRESS)
		text_string(o, "\033]9;4;0\033\\");
	if (w->dirty & DIRTY_TITLE)
		for (unsigned i = 0; i <= (w->titles < 8 ? w->titles : 8); i++)
			text_string(o, "\033[23;0t");
}

void
restore_enter(const struct switched *w, struct text *o)
{
	if (w->dirty & DIRTY_TITLE) {
		for (unsigned i = 0; i <= (w->titles < 8 ? w->titles : 8); i++)
			text_string(o, "\033[22;0t");
		title_show(w, o);
	}
	enter_kitty(&w->kitty[0], o);
	if (w->alternate) {
		text_print(o, "\033[?%uh",
			   switched_alternate(w->alternate) ? w->alternate
							    : 1049);
		enter_kitty(&w->kitty[1], o);
	}
	put_switched(w, o);
}

static int
uses_kitty(const struct switched *w)
{
	const struct screen_kitty *k = &w->kitty[w->alternate != 0];

	return k->n || k->base;
}

/*
 * Each of the two screens is restored by what it has: the main one is there
 * again when the alternate one is left, with cursor and colours; a program on
 * the alternate one has to draw itself anew.
 */
void
restore_cover(const struct switched *w, struct text *o)
{
	text_string(o, w->alternate ? "\0337" : "\033[?1049h");
	put_neutral(w, o);
	if (uses_kitty(w))
		text_string(o, w->alternate ? "\033[>0u" : "");
	if (w->top || w->bottom)
		text_string(o, "\033[r");
	text_string(o, "\033[m\033[H\033[2J");
}

void
restore_uncover(const struct switched *w, struct text *o)
{
	text_string(o, "\033[m\033[H\033[2J");
	if (uses_kitty(w))
		text_string(o, w->alternate ? "\033[<u" : "");
	text_string(o, w->alternate ? "\0338" : "\033[?1049l");
	put_switched(w, o);
	if (w->alternate)
		text_string(o, "\0338");
}
