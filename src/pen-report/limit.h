/* limit: what pen-limit(1) noted: a limit that ended something of the run. */
#ifndef PEN_REPORT_LIMIT_H
#define PEN_REPORT_LIMIT_H

#include "lib/mem.h"

/*
 * Appends a line for each to lines, which the caller owns.  log is the run's,
 * or NULL.  Before this process is confined: it looks at its own cgroup.
 */
void limit_read(const char *log, struct strv *lines);

#endif
