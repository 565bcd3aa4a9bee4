/* end: what --at-end runs outside, when nobody is left inside. */
#ifndef PEN_MONITOR_END_H
#define PEN_MONITOR_END_H

#include "pen-monitor/plan.h"

/* What the program of --at-end is given, descriptors or -1. */
struct end {
	int layer, manifest, events;
};

/* The layer, which comes through the socket; -1 where none has come. */
int end_take_layer(int sock);

/* Runs the program with the caller's signal mask, and waits for it. */
void end_run(const struct plan *plan, const struct end *e, int status);

#endif
