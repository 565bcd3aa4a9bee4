/*
 * history: whether a file is what a branch had before the run.  A run that
 * switched to such a branch made nothing of its own.
 */
#ifndef REPORT_HISTORY_H
#define REPORT_HISTORY_H

#include <stddef.h>

#include "pen-report/manifest.h"
#include "pen-report/objects.h"

struct history {
	const struct manifest *m;
	int open;     /* objects is */
	int started;  /* start is known */
	int switched; /* now and then are known */
	int headed;   /* head is known */
	struct objects objects;
	uint8_t head[OBJECT_ID_MAX];  /* the commit that HEAD is at the end */
	uint8_t start[OBJECT_ID_MAX]; /* the tree of HEAD at the start */
	uint8_t now[OBJECT_ID_MAX];   /* the tree of HEAD at the end */
	uint8_t then[OBJECT_ID_MAX];  /* that of the branch of the start */
};

/*
 * Finds HEAD at the end, and the branch of the start that it is, or was made
 * from.  A commit that an earlier run left as a branch's, which the file
 * "tainted" of state notes, is none of the host's.
 */
void history_open(struct history *h, const struct manifest *m, int state);
void history_close(struct history *h);

/*
 * Whether both commits have these n bytes at path, absolute, with that kind of
 * mode; text NULL asks whether both have nothing there.
 */
int history_has(const struct history *h, const char *path, const void *text,
		size_t n, unsigned mode);

/*
 * The tree that HEAD had at the start for the directory path, absolute; the
 * caller frees it.  NULL where it had none.
 */
uint8_t *history_directory(const struct history *h, const char *path,
			   size_t *n);

/*
 * The text of the file path in HEAD at the start, with a NUL behind it; the
 * caller frees it.  "" where it had none.
 */
char *history_text(const struct history *h, const char *path);

/* Whether HEAD had these n bytes at path at the start. */
int history_had(const struct history *h, const char *path, const void *text,
		size_t n, unsigned mode);

/* Notes in "tainted" which commits the run left as branches. */
void history_taint(const struct manifest *m, int state);

#endif
