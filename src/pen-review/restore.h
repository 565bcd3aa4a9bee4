/*
 * restore: what an overlay that was applied replaced and removed on the host,
 * whole, and what was taken out of the overlay: to be put back.
 *
 * Each step is in the journal before it is done, so that one that was broken
 * off can be undone as well.
 */
#ifndef REVIEW_RESTORE_H
#define REVIEW_RESTORE_H

#include "pen-review/overlay.h"

struct restore {
	const struct project *p;
	int dir,
	    journal; /* undo/, and its journal, open; -1 before the first */
	unsigned n;  /* of the file that is being replaced */
	int placed;  /* the directory is that of the last one */
};

void restore_begin(struct restore *r, const struct project *p);

/* Makes the directories on the way to path, of the host.  0, or -1. */
int restore_make(struct restore *r, const char *path);

/*
 * Keeps what the host has at h's path, which stays there.  0, or -1 with errno:
 * then nothing may be done to it.
 */
int restore_save(struct restore *r, const struct overlay *o,
		 const struct held *h);

/* The host has the new one: if it has it whole, takes it out of the overlay. */
int restore_take_out(struct restore *r, const struct overlay *o,
		     const struct held *h, int whole);

/* Takes h out, which the host does not get.  0, or -1 with errno. */
int restore_drop(struct restore *r, const struct overlay *o,
		 const struct held *h);

/* Removes the directory at rel, which is empty, from the overlay. */
void restore_take_directory(struct restore *r, const struct overlay *o,
			    const char *rel);

/*
 * Puts all of it back.  The number of files that stay as they are, because they
 * were changed since; -1 where nothing was applied.
 */
int restore_run(const struct project *p);

/*
 * Copies the regular file or the link name in from to the name in to, with the
 * mode, atomically; whatever was there is replaced.  0, or -1 with errno.
 */
int restore_copy(int from, const char *name, int to, const char *as,
		 mode_t mode);

#endif
