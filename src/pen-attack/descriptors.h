/* descriptors: what a caller may have left open for the programs it starts. */
#ifndef PEN_ATTACK_DESCRIPTORS_H
#define PEN_ATTACK_DESCRIPTORS_H

#include "pen-attack/world.h"

/* Leaves descriptors of the host's open, of all kinds, without close-on-exec.
 */
void descriptors_leave(const struct world *w);

#endif
