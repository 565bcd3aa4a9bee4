/*
 * git: what makes git on the host start a program, read-only inside.
 *
 * A repository is found as git finds it: .git, the files that lead from one
 * git directory to another, and the submodules and worktrees that are known
 * there.  What a configuration names in a writable tree is covered as well.
 */
#ifndef PEN_GIT_H
#define PEN_GIT_H

#include "settings.h"
#include "view.h"

/* Covers the repository of the tree root, whether it is there yet or not. */
void git_cover(const struct settings *s, const char *home, struct view *v,
	       const char *root);

/* The text of a small file below dir, freed by the caller; NULL if none. */
char *git_read(const char *dir, const char *name);

/* Where path, written in dir, leads; NULL when nowhere. */
char *git_resolve(const char *dir, const char *path);

#endif
