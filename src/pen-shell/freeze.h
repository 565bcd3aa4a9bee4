/* freeze: all that runs in a pen, stopped from outside and continued. */
#ifndef SHELL_FREEZE_H
#define SHELL_FREEZE_H

#include <sys/types.h>

/*
 * Stops every process in the jail that is a child of pen's and runs: parents
 * first, so that no shell inside sees its jobs stop.  What has stopped already
 * is not touched.
 */
void freeze_stop(pid_t pen);

/* Continues what freeze_stop has stopped, children first. */
void freeze_continue(void);

#endif
