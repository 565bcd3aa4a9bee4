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

/* Waits until the victim has taken the signals that it was sent. */
void process_await_signals(const struct world *w);

/* The file that the victim makes for a kind of signal, a letter. */
char *process_heard(const struct world *w, char kind, char path[WORLD_PATH]);

/* Ends both. */
void process_end(struct world *w);

/* Becomes one of them. */
_Noreturn void process_victim(const struct world *w);
_Noreturn void process_serve(const struct world *w);

#endif
