/* terminal: a launch on a terminal of its own, which is looked at afterwards.
 */
#ifndef PEN_ATTACK_TERMINAL_H
#define PEN_ATTACK_TERMINAL_H

#include "pen-attack/launch.h"

/*
 * Runs l on a new terminal; what is written to it goes to the file @B/terminal,
 * and what is left of its state to w.  Fatal.
 */
void terminal_run(struct launch *l, struct world *w);

#endif
