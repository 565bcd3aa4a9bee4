/* runs: the launches that make all attacks, outside and inside. */
#ifndef PEN_ATTACK_RUNS_H
#define PEN_ATTACK_RUNS_H

#include "pen-attack/launch.h"
#include "pen-attack/world.h"

struct outcome {
	unsigned char selected[WORLD_ATTACKS];
	/* as of attack_try, or ATTACK_NOT_MADE */
	int control[WORLD_ATTACKS], inside[WORLD_ATTACKS];
};

/* Makes all attacks that are selected.  Fatal where the launcher launches
 * nothing. */
void runs_make(const struct launcher *l, struct outcome *o);

#endif
