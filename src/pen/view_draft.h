/* view_draft: files of which the run has a version of its own. */
#ifndef PEN_VIEW_DRAFT_H
#define PEN_VIEW_DRAFT_H

#include "pen/view.h"

/*
 * Makes path, on the host, a draft wherever it is shown writable, by what it
 * leads to.  by is who obeys it and merge how its keys are, both borrowed.
 * Returns whether there is such a file.
 */
int view_draft(struct view *v, enum view_kind kind, const char *path,
	       const char *by, const char *merge);

/*
 * Has the file path, on the host, replaced inside, wherever it is shown
 * writable, by the one at the same place below kept, a directory for its tree.
 */
void view_replace(struct view *v, const char *path, const char *kept);

/* The same of what is not there yet, for a chain that is only printed. */
void view_plan_draft(struct view *v, enum view_kind kind, const char *path);

/* Notes path, which is missing: the host would obey it once it is made. */
void view_forbid(struct view *v, const char *path);

/* The same, but the run may make it: that it was there once is told. */
void view_notice(struct view *v, const char *path);

/*
 * Notes path, there or not, if it is writable: by, which has to last, obeys on
 * the host what it leads to.
 */
void view_obeyed(struct view *v, const char *path, const char *by);

#endif
