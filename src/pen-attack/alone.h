/* alone: attacks that have a launch of their own, or many. */
#ifndef PEN_ATTACK_ALONE_H
#define PEN_ATTACK_ALONE_H

#include "pen-attack/launch.h"

/* Makes attack i, if it is of such a kind, and writes results[i]. */
void alone_run(const struct launcher *launcher, struct world *w, size_t i,
	       int results[WORLD_ATTACKS]);

#endif
