/* gitconf: the files in writable trees that a git configuration obeys. */
#ifndef PEN_GITCONF_H
#define PEN_GITCONF_H

#include "pen/view.h"

/*
 * Makes drafts of what the configuration file path includes and of the
 * directory of hooks that it names, and notes the files that are words of its
 * commands; relative ones are in tree.
 */
void gitconf_draft(struct view *v, const char *home, const char *path,
		   const char *tree);

/* Notes the hooks in dir that are links to somewhere else. */
void gitconf_hooks(struct view *v, const char *dir);

#endif
