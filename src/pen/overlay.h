/*
 * overlay: the whole project as a draft.  What a run changes of it is in the
 * upper layers of overlays, which last until pen-review(1) applies or drops
 * them:
 *
 *	ID/overlay/NAME/run	the run that had it last, and its trees
 *	ID/overlay/NAME/tN/up	what was changed of tree N: the root, and the
 *	ID/overlay/NAME/tN/work	git directory of a worktree
 */
#ifndef PEN_OVERLAY_H
#define PEN_OVERLAY_H

#include "pen/project.h"
#include "pen/run.h"
#include "pen/view.h"

/* The name where none is given. */
#define OVERLAY_NAME "default"

/* What is wrong with text as the name of an overlay, or NULL. */
const char *overlay_check(const char *text);

/*
 * Makes the view show the project's trees through the overlay of that name,
 * which is made if it is new.  With commands nothing is made, and they get
 * what would have been.  One that another run has is fatal.  Returns its
 * directory.
 */
const char *overlay_show(const char *name, const struct run *r,
			 const struct project *p, struct view *v,
			 struct strv *commands);

/*
 * Takes the overlay in dir for the run whose manifest is open as fd, for as
 * long as the chain has that.
 */
void overlay_take(const char *dir, const struct run *r, const struct project *p,
		  int fd);

#endif
