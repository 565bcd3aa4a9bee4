/*
 * process: the processes of a world, which are this program again: a victim
 * that holds secrets, and one that serves.
 */
#ifndef PEN_ATTACK_PROCESS_H
#define PEN_ATTACK_PROCESS_H

#include "pen-attack/world.h"

/* The victim's descriptor of a key. */
#define PROCESS_KEY 20

/* Starts both, waits until they are ready, and notes what they said.  Fatal. */
void process_start(struct world *w);

/* Notes which signals the victim has got. */
void process_hear(struct world *w);

/* Ends both. */
void process_end(struct world *w);

/* Becomes one of them. */
_Noreturn void process_victim(const struct world *w);
_Noreturn void process_serve(const struct world *w);

#endif
