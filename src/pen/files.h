/* files: from the settings to the file view. */
#ifndef PEN_FILES_H
#define PEN_FILES_H

#include "project.h"
#include "settings.h"
#include "view.h"

/* Adds the project, the agent's state, ro and rw. */
void files_show(const struct settings *s, const struct project *p,
		struct view *v);

#endif
