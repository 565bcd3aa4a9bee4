/*
 * mirror: a copy on disk of what a run wrote to its drafts, whose layer is gone
 * with the run's last process: for a run that is killed, which nobody accounts
 * for at its end.
 */
#ifndef WATCH_MIRROR_H
#define WATCH_MIRROR_H

#include <sys/types.h>

#include "pen-watch/room.h"

struct mirror {
	int run;	  /* the run's directory, or -1: there is no copy */
	pid_t pid;	  /* who copies, or 0 */
	int end;	  /* closed: it copies once more and ends */
	struct room room; /* what it looks at as well */
};

/*
 * Starts the process that copies the layer, a directory, to the directory
 * "layer" of the run's, once a second.  It ends when this one does, or calls
 * mirror_end, after a last copy; that returns which directories of the room it
 * has seen full, bit i for the one of number i.
 */
void mirror_start(struct mirror *m, const struct again_place *place);
unsigned mirror_end(struct mirror *m);

#endif
