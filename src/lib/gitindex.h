/*
 * gitindex: what git's index says of each file.
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

struct gitindex_entry {
	const char *path; /* of a directory of a sparse index with "/" */
	const uint8_t *id;
	size_t id_n;
	unsigned long mode, mtime, mtime_nsec, size; /* as the file was */
	int stage; /* other than 0: of a merge that is not finished */
	unsigned marks;
};

/* Why git does not look whether the file changed: bits. */
#define GITINDEX_FLAG 1u    /* assume-unchanged, or skip-worktree */
#define GITINDEX_MONITOR 2u /* a monitor of the file system says so */

typedef void gitindex_fn(void *arg, const struct gitindex_entry *e);

#define GITINDEX_TYPE 0170000UL
#define GITINDEX_LINK 0160000UL /* another repository's commit */

/*
 * Calls fn for each entry of the n bytes at p.  The length of the hashes is not
 * written there: both are tried, and fn is called for what either has, if all
 * entries are read.
 */
enum gitindex gitindex_each(const uint8_t *p, size_t n, gitindex_fn *fn,
			    void *arg);

/*
 * The content of the extension called name, of an index with hashes of id_n
 * bytes, and its size; NULL where it has none.
 */
const uint8_t *gitindex_extension(const uint8_t *p, size_t n, size_t id_n,
				  const char *name, size_t *size);

#endif
