/*
 * hidden: files that the run changed and that git status, outside, takes for
 * unchanged, because the run wrote an index that says so.
 */
#ifndef REPORT_HIDDEN_H
#define REPORT_HIDDEN_H

#include "pen-report/history.h"
#include "pen-report/walk.h"

/*
 * Marks them among the changes of w, WALK_HIDDEN, and indexes that say of a
 * directory that it is another, WALK_FORGED; or says why it cannot.
 */
void hidden_mark(struct walk *w, const struct history *h);

#endif
