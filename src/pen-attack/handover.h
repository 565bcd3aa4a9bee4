/* handover: what a run leaves in a project, for programs outside to obey. */
#ifndef PEN_ATTACK_HANDOVER_H
#define PEN_ATTACK_HANDOVER_H

#include "pen-attack/launch.h"

/*
 * Makes the attack in a new project.  0 when its trigger fired outside and the
 * run's end did not name what it told to, or an errno.
 */
int handover_run(const struct launcher *launcher, struct world *w,
		 const struct attack *a);

#endif
