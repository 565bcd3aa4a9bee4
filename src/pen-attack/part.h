/* part: what pen-attack does where it has started itself: PART of --part. */
#ifndef PEN_ATTACK_PART_H
#define PEN_ATTACK_PART_H

#include "pen-attack/attack.h"

/* The PART that makes the attacks of a kind; static storage. */
const char *part_name(enum run run);

/* The descriptor that it has open for what came of them. */
#define PART_OWN 999

/* Where it writes what came of them, in the project, below @P. */
#define PART_RESULTS "@P/results"

/*
 * Plays the part "victim", "server" or one of part_name with the world in the
 * file, and ends the process.
 */
_Noreturn void part_play(const char *part, const char *file);

/* Reads what part_play wrote: results[i] of each attack that was made. */
void part_read(const struct world *w, int results[WORLD_ATTACKS]);

#endif
