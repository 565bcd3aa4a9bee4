/*
 * count: what has been used of a credential on one day, in a file that all of
 * the user's pens share.
 *
 * The file has a line of COUNT_LINE bytes for each credential, which is named
 * by a hash of it.  A line is read and written under a lock, in one write that
 * crosses no page: a process that ends at any time leaves a whole one.  Who has
 * a credential holds another lock as long as it runs, so that what a killed one
 * held back is not waited for.
 */
#ifndef KEY_COUNT_H
#define KEY_COUNT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum count_kind {
	COUNT_REQUESTS,
	COUNT_UP, /* bytes of bodies */
	COUNT_TOKENS,
	COUNT_KINDS
};

#define COUNT_ID 32
#define COUNT_LINE 128
#define COUNT_LINES 256

struct count {
	char id[COUNT_ID + 1]; /* hexadecimal digits */
	unsigned day;	       /* as 20261231 */
	uint64_t used[COUNT_KINDS];
	uint64_t held; /* tokens that the requests under way may use */
};

struct count_file {
	int fd;
	char id[COUNT_ID + 1];
	off_t at;	 /* the line's place while the lock is held */
	const char *why; /* it cannot be used any more, static; or NULL */
};

/* Reads a line; 0, or -1: it is damaged.  Writes one.  Pure. */
int count_parse(const char line[COUNT_LINE], struct count *c);
void count_format(const struct count *c, char line[COUNT_LINE]);

/* The local calendar's day of t. */
unsigned count_day(time_t t);

/*
 * Opens the file, and makes it with mode 0600, for the credential that these n
 * bytes are or stand for.  0, or -1 with errno.
 */
int count_open(struct count_file *f, const char *path, const void *secret,
	       size_t n);

/*
 * Takes the lock and reads the credential's line, to count on the day today.
 * One of a later day, since the clock was set back, is counted on.  0, or -1
 * without the lock: see why.
 */
int count_begin(struct count_file *f, unsigned today, struct count *c);

/* Gives the lock back; with c, writes the line first.  0, or -1: see why. */
int count_end(struct count_file *f, const struct count *c);

/* Whether no other process that runs has the credential. */
int count_is_alone(const struct count_file *f);

#endif
