/* run: the plan is carried out. */
#ifndef PEN_NS_RUN_H
#define PEN_NS_RUN_H

#include "pen-ns/ns.h"

/*
 * Runs the plan's program, and becomes pen-monitor, which waits for it; argc
 * and argv are main's, which are wiped inside.
 */
_Noreturn void run_jail(struct ns *ns, int argc, char **argv);

#endif
