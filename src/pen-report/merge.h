/* merge: what a run made of the drafts becomes the project's drafts. */
#ifndef REPORT_MERGE_H
#define REPORT_MERGE_H

#include "pen-report/account.h"
#include "pen-report/history.h"

/*
 * Takes what is in the directory layer, by the manifest of a, into the drafts
 * below state, which is locked: keys that are data go to the host.  Adds to a
 * what is held.
 */
void merge_layer(struct account *a, const struct history *history, int layer,
		 int state);

#endif
