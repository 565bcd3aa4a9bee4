/*
 * cover: what must not be changed or seen, although what it is in is shown.
 *
 * A path is covered where it is, and again where it leads: a link in a
 * writable directory can be replaced, and so can what it leads to.
 */
#ifndef PEN_COVER_H
#define PEN_COVER_H

#include "project.h"
#include "settings.h"
#include "view.h"

/* Covers it all; after everything that is writable was added to the view. */
void cover(const struct settings *s, const struct project *p, struct view *v);

/*
 * Makes path (absolute; it may hold "..") read-only where it is below
 * something writable, and what it leads to by links as well.  What is missing
 * is reported at the end.
 */
void cover_path(struct view *v, const char *path);

#endif
