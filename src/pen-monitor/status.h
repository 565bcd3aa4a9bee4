/* status: what --info-fd and --json-status-fd are told. */
#ifndef PEN_MONITOR_STATUS_H
#define PEN_MONITOR_STATUS_H

#include "pen-monitor/plan.h"

/* That the jail was made, and waits for it to be said. */
void status_start(const struct plan *plan);

/* How prog ended. */
void status_end(int json, int status);

#endif
