/* ask: one held change after the other, decided at the terminal. */
#ifndef REVIEW_ASK_H
#define REVIEW_ASK_H

#include "pen-review/drafts.h"

/*
 * Shows each draft and asks what is to become of it.  The number that could not
 * be kept or dropped.
 */
int ask_drafts(struct drafts *d);

#endif
