/* show: what a draft would change on the host, for people. */
#ifndef REVIEW_SHOW_H
#define REVIEW_SHOW_H

#include <stdio.h>

#include "pen-review/drafts.h"

/*
 * Writes the draft to out: what it is, who would obey it, modes, and a unified
 * diff against what the host has now, in colours if colours is set.  The diff
 * is made in a pen without network, of copies, for the draft is anybody's.
 */
void show_draft(FILE *out, const struct drafts *d, const struct draft *draft,
		int colours);

/* The line above what is shown of path; or any other, made visible. */
void show_head(FILE *out, const char *path, const char *remark, int colours);
void show_line(FILE *out, const char *what, const char *text);

/*
 * A unified diff of git's, without its lines above "---"; or a text, with the
 * marks of a conflict, whole.  Each has n bytes, any of which may be NUL.
 */
void show_diff(FILE *out, const char *diff, size_t n, int colours);
void show_text(FILE *out, const char *text, size_t n, int colours);

/*
 * Where what is shown goes: the pager that PAGER names where standard output is
 * a terminal, or standard output.  *colours: whether to use some.
 */
FILE *show_begin(int *colours);

/* Waits for the pager. */
void show_end(FILE *out);

#endif
