/*
 * hunks: the changed parts of a text, as a unified diff has them, of which
 * some are taken.  Pure.
 */
#ifndef REVIEW_HUNKS_H
#define REVIEW_HUNKS_H

#include <stddef.h>

struct hunk {
	size_t from, lines; /* of the old text, the first line is 0 */
	size_t to, own;	    /* of the new one */
	const char *text;   /* in the diff */
	size_t n;
	int take;
};

/*
 * The hunks of the diff; *v is the caller's to free and lasts as long as the
 * diff.  0, or -1 where it is none.
 */
int hunks_parse(struct hunk **v, size_t *n, const char *diff);

/*
 * The old text with the hunks that are to be taken, *len bytes; the caller
 * frees it.  NULL where the hunks are none of these texts.
 */
char *hunks_apply(const struct hunk *v, size_t n, const char *old_text,
		  const char *new_text, size_t *len);

#endif
