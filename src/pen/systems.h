/*
 * systems: what makes PATH and HOME lead inside where they lead outside, on
 * systems that have links on the way: ostree, Nix, Guix, Homebrew.
 */
#ifndef PEN_SYSTEMS_H
#define PEN_SYSTEMS_H

#include "pen/project.h"
#include "pen/view.h"

/*
 * Makes the links again that "/" has, those that HOME is behind, and those of
 * an element of PATH into the system's trees, where no run can have made them.
 * Shows Homebrew's tree where PATH has it.
 */
void systems_show(const struct project *p, struct view *v);

#endif
