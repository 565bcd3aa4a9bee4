/* terminfo: the description of the terminal, where it is not the system's. */
#ifndef PEN_TERMINFO_H
#define PEN_TERMINFO_H

#include "pen/project.h"
#include "pen/view.h"

/*
 * Shows the compiled description of $TERM, read-only, wherever ncurses would
 * look for it: in $TERMINFO, ~/.terminfo and the directories of
 * $TERMINFO_DIRS.  The variables are not policy: only a file that is such a
 * description is shown, never the directory that they name.
 */
void terminfo_show(const struct project *p, struct view *v);

#endif
