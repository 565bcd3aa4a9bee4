/* view_protect: what is read-only or masked below something writable. */
#ifndef PEN_VIEW_PROTECT_H
#define PEN_VIEW_PROTECT_H

#include "pen/view.h"

/* What view_protect found. */
enum view_found {
	VIEW_ELSEWHERE, /* path is not below something writable */
	VIEW_COVERED,
	VIEW_MISSING,
	VIEW_LINK, /* path is one; or there is one on the way to elsewhere */
};

/*
 * Makes path, on the host, read-only or masks it, wherever it is shown and by
 * whatever name, and nails down the directories on the way to it: whoever could
 * rename `.git` could put another in its place.  What is missing or a symbolic
 * link cannot be covered by a mount.  A mask that cannot be made is fatal.
 * Nothing happens where path is not shown, or read-only is not writable; so
 * after everything that is shown was added.
 */
enum view_found view_protect(struct view *v, enum view_mode mode,
			     const char *path);

/*
 * What was added read-only or masked below something writable is on a mount of
 * its own; the directories on the way to it are nailed down now.
 */
void view_pin_all(struct view *v);

#endif
