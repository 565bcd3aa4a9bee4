/*
 * run: where pen keeps what it knows of a project between two runs, and what
 * this run is called.
 *
 *	ID/path		the root: its path, device, inode and birth time
 *	ID/draft/tree	the drafts that were kept, at their absolute paths
 *	ID/runs/RUN	a run that goes on, or did not come to its end: what
 *			is to be told then, and a copy of its layer of drafts
 */
#ifndef PEN_RUN_H
#define PEN_RUN_H

#include "pen/project.h"

struct run {
	const char *id;	  /* of the run */
	const char *dir;  /* of the project's state */
	const char *kept; /* draft/tree in it */
	const char *path; /* what the file path has to say */
};

/* Finds where the project's state below state is to be, for the run id. */
void run_find(struct run *r, const struct project *p, const char *state,
	      const char *id);

/* What it is called there; the caller frees it. */
char *run_directory(const struct run *r);

/*
 * Makes it, and writes the run's manifest there, to be found if the run has no
 * end.  Returns a descriptor of the manifest, which the chain inherits; the
 * file is read-only until pen-ns has begun.  What cannot be made is fatal.
 */
int run_note(const struct run *r, const char *manifest);

#endif
