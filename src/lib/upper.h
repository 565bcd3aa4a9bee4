/*
 * upper: what the upper directory of an overlay has over the lower one, read
 * from the two directories themselves, as overlayfs writes them with the
 * option userxattr.  The upper one is hostile: whoever was inside wrote it.
 */
#ifndef PEN_UPPER_H
#define PEN_UPPER_H

#include <sys/stat.h>

enum upper_kind {
	UPPER_SAME, /* copied up, and as the lower one is */
	UPPER_CREATED,
	UPPER_CHANGED,
	UPPER_REMOVED, /* what is in a directory comes before it */
	UPPER_OTHER,   /* a device, a FIFO or a socket */
};

struct upper_entry {
	enum upper_kind kind;
	const char *path;	  /* relative to the two directories */
	struct stat st;		  /* of the upper one, or of what was removed */
	const struct stat *lower; /* what the lower one has, or NULL */
};

typedef void upper_fn(void *arg, const struct upper_entry *e);

/*
 * Calls fn with each file of up, an open directory, that is not as in low; a
 * directory is an entry where it is empty and new, or removed.  0, or -1 with
 * errno where some of it could not be read.
 */
int upper_walk(int up, int low, upper_fn *fn, void *arg);

/*
 * Whether name in dir, which is *st, says that the lower one was removed: a
 * device, or, where a user may make none, a file with an attribute.
 */
int upper_is_whiteout(int dir, const char *name, const struct stat *st);

/* Whether the upper directory name in dir hides all of the lower one. */
int upper_is_opaque(int dir, const char *name);

#endif
