/* files: from the settings to the file view. */
#ifndef PEN_FILES_H
#define PEN_FILES_H

#include "pen/project.h"
#include "pen/settings.h"
#include "pen/view.h"

/*
 * Adds the project, the agent's state, ro and rw.  State that is missing is
 * made; unless commands is not NULL: then what a shell makes it by is appended
 * to that, and the view is as if it had been made.
 */
void files_show(const struct settings *s, const struct project *p,
		struct view *v, struct strv *commands);

/*
 * Shows the project's own caches of package managers, but where something is
 * shown already; so after what the program needs.
 */
void files_show_caches(const struct project *p, struct view *v,
		       struct strv *commands);

/*
 * Shows the file path (absolute), read-only, if it is one and nothing shows it
 * yet.  A link to it counts where no run can have made it: dir, too, is a
 * directory that none writes to.  Returns whether it can be read inside.
 */
int files_show_data(const struct project *p, struct view *v, const char *path,
		    const char *dir);

#endif
