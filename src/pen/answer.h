/* answer: what pen does instead of running something. */
#ifndef PEN_ANSWER_H
#define PEN_ANSWER_H

#include "pen/pen.h"

/* The names that --list and --shell print, sorted; fatal for an unknown kind.
 */
struct strv answer_names(struct pen *pen, const char *what);

/*
 * "did you mean 'NAME'? ", with the name among these that word is a slip of, or
 * ""; the caller frees it.
 */
char *answer_hint(struct pen *pen, const char *what, const char *word);

/* Makes the changes of --edit.  0, or 1: there was none to make. */
int answer_edit(struct pen *pen);

#endif
