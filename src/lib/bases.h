/*
 * bases: what the host had of each file when an overlay's version of it was
 * made, in a few numbers: to tell whether the host's was changed since.  Pure.
 */
#ifndef PEN_BASES_H
#define PEN_BASES_H

#include <stddef.h>
#include <sys/stat.h>

enum base_kind {
	BASE_NONE,    /* it had no such file */
	BASE_UNKNOWN, /* it was changed while the run went on */
	BASE_FILE,
};

struct base {
	char *path; /* "tN/" and the path in the tree */
	enum base_kind kind;
	unsigned long long dev, ino, size;
	long long mtime[2], ctime[2]; /* seconds, nanoseconds */
	/* the overlay's change time if its version was the same then, or 0 */
	long long same[2];
	int used; /* it is to be written */
	int gone; /* for the owner's use */
};

struct bases {
	struct base *v; /* sorted by path, but for what was added since */
	size_t n, sorted;
};

/*
 * Reads the n bytes of text.  0, and bases_free is the caller's; -1: they are
 * damaged.
 */
int bases_parse(struct bases *b, const char *text, size_t n);
void bases_free(struct bases *b);

/* What is known of path when it was parsed, or NULL. */
struct base *bases_find(struct bases *b, const char *path);

/* Adds path; st is needed for BASE_FILE. */
struct base *bases_add(struct bases *b, const char *path, enum base_kind kind,
		       const struct stat *st);

/* What the host has of path is st now. */
void bases_set(struct bases *b, const char *path, const struct stat *st);

/* The text of those that are used; the caller frees it. */
char *bases_text(struct bases *b, size_t *n);

/* Whether the overlay's is as the host's was, though that was changed since. */
int bases_is_same(const struct base *b, const struct stat *own);

/* Whether the host, which has *st now, or with NULL nothing, is as it was. */
int bases_is_current(const struct base *b, const struct stat *st);

#endif
