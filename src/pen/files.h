/* files: from the settings to the file view. */
#ifndef PEN_FILES_H
#define PEN_FILES_H

#include "project.h"
#include "settings.h"
#include "view.h"

/*
 * Adds the project, the agent's state, ro and rw.  State that is missing is
 * made; unless commands is not NULL: then what a shell makes it by is appended
 * to that, and the view is as if it had been made.
 */
void files_show(const struct settings *s, const struct project *p,
		struct view *v, struct strv *commands);

#endif
