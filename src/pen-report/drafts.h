/* drafts: the versions of files that are kept from the host. */
#ifndef REPORT_DRAFTS_H
#define REPORT_DRAFTS_H

#include <jansson.h>
#include <stddef.h>
#include <sys/types.h>

#include "lib/mem.h"

/* No draft is larger. */
#define DRAFT_MAX ((size_t)64 << 20)

struct drafts {
	int state, host; /* the project's state, and "/" */
	json_t *base;	 /* draft/base.json */
};

/* Opens the drafts below state, which is locked.  -1 with errno. */
int drafts_open(struct drafts *d, int state);

/* Writes base.json and closes them.  -1 with errno. */
int drafts_close(struct drafts *d);

/*
 * The regular file path, absolute, of the drafts, or with whose of "host" the
 * host's as it was when the draft was made, of "before" what the draft was
 * before it was written last; NULL with errno.
 */
char *drafts_read(const struct drafts *d, const char *whose, const char *path,
		  size_t *n);

/* Makes the n bytes the draft of path.  -1 with errno. */
int drafts_write(struct drafts *d, const char *path, const void *p, size_t n,
		 mode_t mode);

/* Makes a symbolic link, or with NULL a removal, the draft of path. */
int drafts_put(struct drafts *d, const char *path, const char *link);

/* Keeps the host's text beside the draft, to tell its changes from ours. */
int drafts_keep_host(struct drafts *d, const char *path, const char *text);

/* Keeps the draft of path as one that another took the place of: 0, or -1. */
int drafts_set_aside(struct drafts *d, const char *path, const char *run);

/* Removes the draft of path and all below it.  -1 with errno. */
int drafts_remove(struct drafts *d, const char *path);

#endif
