#include "pen-shell/switched.h"

#include <string.h>

static size_t
find_mode(const struct switched *w, unsigned number)
{
	size_t i = 0;

	while (i < w->modes_n && w->modes[i].number != number)
		i++;
	return i;
}

int
switched_default(unsigned mode)
{
	return mode == 7 || mode == 25; /* wrap; the cursor is shown */
}

int
switched_alternate(unsigned mode)
{
	return mode == 47 || mode == 1047 || mode == 1049;
}

void
switched_mode(struct switched *w, unsigned number, int on)
{
	size_t i = find_mode(w, number);

	if (on == switched_default(number)) {
		if (i < w->modes_n)
			w->modes[i] = w->modes[--w->modes_n];
		return;
	}
	if (i == w->modes_n)
		w->modes_n++;
	w->modes[i].number = (unsigned short)number;
	w->modes[i].on = (unsigned char)on;
}

void
switched_note(struct switched *w, unsigned bit, int on)
{
	w->dirty = on ? w->dirty | bit : w->dirty & ~bit;
}

void
switched_soft_reset(struct switched *w)
{
	switched_mode(w, 1, 0);
	switched_mode(w, 6, 0);
	switched_mode(w, 25, 1);
	switched_mode(w, 66, 0);
	switched_mode(w, 69, 0);
	w->dirty &= ~(unsigned)(DIRTY_INSERT | DIRTY_KEYPAD | DIRTY_PROTECT |
				DIRTY_SETS);
	w->top = w->bottom = 0;
	memset(w->sets, 0, sizeof(w->sets));
	w->shift = 0;
}

void
switched_hard_reset(struct switched *w)
{
	switched_soft_reset(w);
	w->dirty &= DIRTY_TITLE;
	w->modes_n = 0;
	w->alternate = w->cursor = w->modify = 0;
	memset(w->kitty, 0, sizeof(w->kitty));
}
