/*
 * compare: texts compared by git in a pen without network and without any file
 * but copies of them, for they are anybody's.
 */
#ifndef REVIEW_COMPARE_H
#define REVIEW_COMPARE_H

#include <stddef.h>

/* A file's text; NULL where there is none. */
struct side {
	const char *text;
	size_t n;
};

/*
 * The unified diff of what is shown as that, with so many lines around each
 * change; the caller frees it, *n bytes, which NUL may be among.  NULL where it
 * cannot be made, which was said.
 */
char *compare_diff(const char *shown, struct side host, struct side held,
		   unsigned around, size_t *n);

/*
 * What both made of base; the caller frees it, *n bytes.  *conflicts is
 * whether some of it could not be joined and is there three times, between
 * marks.  NULL where there is none, as of what is no text.
 */
char *compare_merge(struct side base, struct side host, struct side held,
		    size_t *n, int *conflicts);

#endif
