/* agent: what an agent that was found needs, and whether it has it. */
#ifndef PEN_CHECK_AGENT_H
#define PEN_CHECK_AGENT_H

#include "pen-check/report.h"

/*
 * Adds findings on the agent's state, its key and its first requests, by what
 * pen prints of its settings.  The agent is not run.
 */
void agent_check(struct report *r, const char *name);

#endif
