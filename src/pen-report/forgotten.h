/* forgotten: what a run made outside of all that is kept. */
#ifndef REPORT_FORGOTTEN_H
#define REPORT_FORGOTTEN_H

#include "pen-report/account.h"

/*
 * Says which worktrees of git the run made where nothing is kept, as "git
 * worktree add ../x": git still has them, and their directories are gone.
 */
void forgotten_say(const struct account *a);

#endif
