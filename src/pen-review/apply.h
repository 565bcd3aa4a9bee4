/* apply: what an overlay holds becomes the host's, or goes. */
#ifndef REVIEW_APPLY_H
#define REVIEW_APPLY_H

#include "pen-review/overlay.h"
#include "pen-review/restore.h"

/*
 * Gives h to the host.  seen: somebody has seen it against what the host has
 * now, so that a change of the host's since does not matter; else both are
 * joined, or it is a conflict.  0, or -1 with a message.
 */
int apply_one(struct overlay *o, const struct held *h, int seen,
	      struct restore *r);

/* The same with text, of n bytes, in place of what the overlay has. */
int apply_text(const struct overlay *o, const struct held *h, const char *text,
	       size_t n, struct restore *r);

/* Removes h from the overlay, to be put back.  0, or -1 with a message. */
int apply_drop(const struct overlay *o, const struct held *h,
	       struct restore *r);

/*
 * Afterwards: writes what is known of the rest, and removes the directories of
 * the overlay that are empty now.
 */
void apply_end(struct overlay *o, struct restore *r);

#endif
