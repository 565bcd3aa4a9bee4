/* view_open: what is writable, and opening what is to be shown. */
#ifndef PEN_VIEW_OPEN_H
#define PEN_VIEW_OPEN_H

#include "pen/view.h"

/*
 * Says that path, without a link in it, will be writable: before anything is
 * opened.
 */
void view_writes(struct view *v, const char *path);

/* Whether path, which has no link in it, is below something writable. */
int view_writable(const struct view *v, const char *path);

/* Whether path, which has no link in it, is shown through an overlay. */
int view_is_over(const struct view *v, const char *path);

/*
 * Whether another run may be able to write to dir, and so to make a link in
 * it: the directory is not root's, and holds nothing of never.
 */
int view_doubtful(const struct strv *never, const char *dir);

/*
 * Opens path (O_PATH) to show it; with make, the directories that are missing
 * are made.  Whoever can write to a directory decides where the links in it
 * lead, so one that the run could have made is not followed: then the result
 * is -1 and *planted is the link.  Else *planted is NULL, and the result -1
 * with errno, or a descriptor, and *real says where it is.  With never, no run
 * at all could have made the links that are followed: they are in directories
 * of root's, or in one that holds what never is writable.
 */
int view_open(const struct view *v, const char *path, int make,
	      const struct strv *never, char **real, char **planted);

#endif
