/*
 * git: what makes git on the host start a program, as drafts.
 *
 * A repository is found as git finds it: .git, the files that lead from one
 * git directory to another, and the submodules and worktrees that are known
 * there.  The index is not read: its length is no part of a start.
 */
#ifndef PEN_GIT_H
#define PEN_GIT_H

#include "pen/view.h"

/*
 * Makes drafts of the repositories of the trees roots, and of those that they
 * lead to.  With make, what is missing there, and is harmless as long as it is
 * empty, is made to be mounted on.
 */
void git_draft(const char *home, struct view *v, const struct strv *roots,
	       int make);

/* Has it noted when dir, which is no repository, becomes one for a moment. */
void git_notice(struct view *v, const char *dir);

#endif
