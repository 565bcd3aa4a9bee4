/*
 * gitindex: which paths git's index links to other repositories.
 *
 * The index (gitformat-index(5), versions 2 to 4) is anybody's data.  What git
 * itself could read in two ways is refused.  Pure.
 */
#ifndef PEN_GITINDEX_H
#define PEN_GITINDEX_H

#include <stddef.h>
#include <stdint.h>

enum gitindex {
	GITINDEX_OK,
	GITINDEX_BAD,	/* not an index, or not all of it can be told */
	GITINDEX_SPLIT, /* a part of the entries is in another file */
};

/* A path that is no file: a gitlink, or the directory of a sparse index. */
typedef void gitindex_fn(void *arg, const char *path, int is_link);

/*
 * Calls fn for each such path of the n bytes at p.  The length of the hashes is
 * not written there: both are tried, and fn is called for what either has.
 */
enum gitindex gitindex_each(const uint8_t *p, size_t n, gitindex_fn *fn,
			    void *arg);

#endif
