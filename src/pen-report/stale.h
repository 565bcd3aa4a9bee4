/* stale: runs that died, with all that would have accounted for them. */
#ifndef REPORT_STALE_H
#define REPORT_STALE_H

#include "lib/mem.h"
#include "pen-report/manifest.h"

struct stale {
	char *name;
	struct manifest m;
	int layer; /* the copy of its drafts' layer, or -1 */
};

struct stale_runs {
	struct stale *v;
	size_t n;
};

/*
 * Takes what such runs noted in "runs" of state into m: the account begins
 * where the first of them did, has their trees, too, and believes no branch
 * that one of them may have made.  Adds why the account is not whole, and to
 * runs what stale_remove takes away when it is written.
 */
void stale_take(struct manifest *m, int state, struct strv *why,
		struct stale_runs *runs);
void stale_remove(int state, const struct stale_runs *runs);

/*
 * Finds such a run whose program had begun: its name, which the caller frees,
 * or NULL.
 */
char *stale_find(int state);

/*
 * Opens the copy of the run's layer when whoever makes it has ended; the caller
 * closes it.  -1 where there is none.
 */
int stale_layer(int state, const char *name);

/* Why an account with such a run in it is not whole; the caller frees it. */
char *stale_why(const char *name, const struct manifest *m, int layer);

#endif
