/* file: regular files, where somebody may have put something else. */
#ifndef PEN_FILE_H
#define PEN_FILE_H

#include <stddef.h>

/*
 * Opens a regular file for reading; flags may add O_NOFOLLOW.  What is no file
 * is not waited for, as a FIFO is, nor made a terminal of the process.  The
 * caller closes it.  -1 with errno: EINVAL for what is no regular file.
 */
int file_open_regular(const char *path, int flags);

/*
 * The content of a regular file of at most max bytes, with a NUL behind its *n
 * bytes; the caller frees it.  NULL with errno: EFBIG for more, and as above.
 */
char *file_read(const char *path, int flags, size_t max, size_t *n);

#endif
