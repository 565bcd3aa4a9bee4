/* monitor: the process that the caller started. */
#ifndef PEN_MONITOR_MONITOR_H
#define PEN_MONITOR_MONITOR_H

#include "pen-monitor/plan.h"

/*
 * Waits for the jail.  Returns the status to exit with, 128+n where prog died
 * of signal n; then *died is n, or 0.
 */
int monitor_run(const struct plan *plan, int *died);

/* After it: what --at-end says. */
void monitor_end(const struct plan *plan, int status);

/* Dies of signal sig, as prog did, without a core of its own. */
void monitor_die(int sig);

#endif
