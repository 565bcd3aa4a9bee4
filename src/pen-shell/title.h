/*
 * title: the titles that the inside gives the user's terminal, with the mark
 * before them, and the user's own, which the terminal's stack keeps.  Pure.
 */
#ifndef SHELL_TITLE_H
#define SHELL_TITLE_H

#include "pen-shell/switched.h"
#include "pen-shell/text.h"

/* The user's own title is put on the terminal's stack before it changes. */
void title_save(struct switched *w, struct text *o);

/*
 * What the policy makes of a title from inside: h is its sequence of n bytes,
 * without the end; the title itself begins at h[at].
 */
void title_set(struct switched *w, const unsigned char *h, size_t n, size_t at,
	       struct text *o);

/* The last title from inside, or the mark alone, is shown again. */
void title_show(const struct switched *w, struct text *o);

/* From now on the mark says news, or NULL: nothing; and it is shown at once. */
void title_mark(struct switched *w, const char *news, struct text *o);

#endif
