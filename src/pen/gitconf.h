/* gitconf: the files in writable trees that a git configuration obeys. */
#ifndef PEN_GITCONF_H
#define PEN_GITCONF_H

#include "view.h"

/*
 * Covers what the configuration file path includes, the directory of hooks
 * that it names, and the files that are words of its commands; relative ones
 * are in tree.
 */
void gitconf_cover(struct view *v, const char *home, const char *path,
		   const char *tree);

/* Covers what the hooks in dir lead to, and warns of other names of theirs. */
void gitconf_hooks(struct view *v, const char *dir);

#endif
