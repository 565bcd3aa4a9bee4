/* watcher: what --watch runs outside, while anything runs inside. */
#ifndef PEN_MONITOR_WATCHER_H
#define PEN_MONITOR_WATCHER_H

#include "pen-monitor/plan.h"

/* Starts the program, if there is one, and notes it in the plan. */
void watcher_start(struct plan *plan);

#endif
