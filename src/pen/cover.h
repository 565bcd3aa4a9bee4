/*
 * cover: what must not be changed or seen, although what it is in is shown.
 *
 * A path is covered where it is, and again where it leads: a link in a
 * writable directory can be replaced, and so can what it leads to.
 */
#ifndef PEN_COVER_H
#define PEN_COVER_H

#include "pen/project.h"
#include "pen/settings.h"
#include "pen/view.h"

/* Covers it all; after everything that is writable was added to the view. */
void cover(const struct settings *s, const struct project *p, struct view *v);

#endif
