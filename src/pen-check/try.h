/* try: a question is answered in a process of its own, and what it said. */
#ifndef PEN_CHECK_TRY_H
#define PEN_CHECK_TRY_H

#include <stddef.h>

#define TRY_TEXT 512 /* the most that is kept of what a program says */

/*
 * Calls answer in a child of this process, which may change its namespaces and
 * mounts.  Returns the errno that answer returns (0: it works), or EIO when the
 * child died.
 */
int try_call(int (*answer)(void));

/*
 * Runs argv[0], an absolute path, without input, for at most five seconds, and
 * keeps the start of what it wrote to both outputs in said, ended by NUL.
 * Returns its exit status, 128+n when signal n ended it.
 */
int try_program(const char *const argv[], char said[TRY_TEXT]);

/* The same, with room for max bytes of it. */
int try_text(const char *const argv[], char *said, size_t max);

/*
 * Reads the first line of a file into a fresh string that the caller frees;
 * NULL with errno.
 */
char *try_read(const char *path);

#endif
