/*
 * mirror: a copy on disk of what a run wrote to its drafts, whose layer is gone
 * with the run's last process: for a run that is killed, which nobody accounts
 * for at its end.
 */
#ifndef WATCH_MIRROR_H
#define WATCH_MIRROR_H

#include <sys/types.h>

struct mirror {
	int run;   /* the run's directory, or -1: there is no copy */
	pid_t pid; /* who copies, or 0 */
	int end;   /* closed: it copies once more and ends */
};

/*
 * Starts the process that copies the layer, a directory, to the directory
 * "layer" of the run's, once a second.  It ends when this one does, or calls
 * mirror_end, after a last copy.
 */
void mirror_start(struct mirror *m, int layer);
void mirror_end(struct mirror *m);

#endif
