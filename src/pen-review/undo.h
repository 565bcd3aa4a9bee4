/*
 * undo: what the last keep or drop replaced or removed, to be put back.  Each
 * step is written down before it is made, and what the one before had is there
 * until the first step is.
 */
#ifndef REVIEW_UNDO_H
#define REVIEW_UNDO_H

#include <jansson.h>

#include "pen-review/drafts.h"

struct undo {
	const struct project *p;
	int dir, log; /* the directory and the log in it, or -1 */
	size_t n;     /* steps */
};

void undo_begin(struct undo *u, const struct project *p);

/*
 * Keeps what the host has, and the draft that is to take its place:
 * after is what the host will have, as undo_print says it.  0, or -1 with
 * errno.
 */
int undo_save(struct undo *u, const struct drafts *d, const struct draft *draft,
	      const char *after);

/*
 * Keeps the draft, which is to be removed; or where left is not NULL,
 * to become that text.  Where there is no room, says that it cannot be undone.
 */
void undo_save_draft(struct undo *u, const struct drafts *d,
		     const struct draft *draft, const char *left);

void undo_end(struct undo *u);

/* The n bytes of a file in a word; NULL is no file.  The caller frees it. */
char *undo_print(const void *text, size_t n);

/* The same of a symbolic link. */
char *undo_print_link(const char *link);

/*
 * Puts back what the last keep or drop replaced.  The number of files that were
 * changed since, which stay as they are; -1 where there is none.
 */
int undo_run(struct drafts *d);

#endif
