/* keep: a draft, or a key of one, becomes the host's or goes. */
#ifndef REVIEW_KEEP_H
#define REVIEW_KEEP_H

#include "pen-review/drafts.h"
#include "pen-review/undo.h"

/*
 * Makes the draft, or if key is not NULL that key of it, the host's.  seen:
 * somebody has seen it against what the host has now, so that a change of the
 * host's file since the draft was made does not matter.  0, or -1 with a
 * message.
 */
int keep_draft(struct drafts *d, struct draft *draft, const char *key, int seen,
	       struct undo *u);

/* Drops the draft, or that key of it.  0, or -1 with a message. */
int keep_drop(struct drafts *d, struct draft *draft, const char *key,
	      struct undo *u);

#endif
