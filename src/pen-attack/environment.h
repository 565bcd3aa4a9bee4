/* environment: what a caller's environment may hold. */
#ifndef PEN_ATTACK_ENVIRONMENT_H
#define PEN_ATTACK_ENVIRONMENT_H

#include "pen-attack/world.h"

/* Plants variables, and a key in a session keyring, in this process. */
void environment_plant(const struct world *w);

#endif
