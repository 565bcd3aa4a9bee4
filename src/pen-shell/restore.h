/*
 * restore: switches back what the inside has switched on the user's terminal,
 * and switches it again.  Pure.  screen.h says when each is called.
 */
#ifndef SHELL_RESTORE_H
#define SHELL_RESTORE_H

#include "pen-shell/switched.h"
#include "pen-shell/text.h"

void restore_leave(const struct switched *w, struct text *o);
void restore_enter(const struct switched *w, struct text *o);
void restore_cover(const struct switched *w, struct text *o);
void restore_uncover(const struct switched *w, struct text *o);

#endif
