/* draft_note: what base.json says of each draft. */
#ifndef REPORT_DRAFT_NOTE_H
#define REPORT_DRAFT_NOTE_H

#include <time.h>

#include "pen-report/drafts.h"

/* What is said of a draft in base.json. */
struct draft_note {
	const char *by, *merge;
	int tracked;
	int quiet;		/* all of it is an agent's own, and no news */
	const struct strv *own; /* or these keys are; or NULL */
	const char *run;	/* whose it is */
};

/* Notes whose draft it is, and the host's file that it stands for. */
void draft_note_set(struct drafts *d, const char *path,
		    const struct draft_note *note);

/*
 * Whether a run other than this one wrote the draft of path since the time:
 * then "before" is what this one began with.
 */
int draft_note_is_newer(const struct drafts *d, const char *path,
			const char *run, const struct timespec *time);

#endif
