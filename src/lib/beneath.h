/*
 * beneath: files below a directory that is held open, in trees whose names
 * and links somebody hostile chose.  Paths are relative and no symbolic link
 * in them is followed, also when one is put there meanwhile.
 */
#ifndef PEN_BENEATH_H
#define PEN_BENEATH_H

#include <stddef.h>
#include <sys/stat.h>

/*
 * openat2(2) of path below dir with the flags, close-on-exec, never waiting
 * for the other end of a FIFO.  The caller closes it.  -1 with errno.
 */
int beneath_open(int dir, const char *path, int flags);

/*
 * The content of a regular file of at most max bytes, with a NUL behind its
 * *n bytes; the caller frees it.  *st, unless NULL, is what it is.  NULL with
 * errno: EFBIG for more bytes, EINVAL for what is no regular file.
 */
char *beneath_read(int dir, const char *path, size_t max, size_t *n,
		   struct stat *st);

/*
 * Opens the directory path ("" is dir itself), making what is missing of it
 * with mode.  The caller closes it.  -1 with errno.
 */
int beneath_make(int dir, const char *path, mode_t mode);

/*
 * Where beneath_write makes a new file, if it is of the same file system: a
 * directory that no run can write to, or -1.  In dir a run could link or open
 * it before it is renamed, and would have what then is the host's file.
 */
extern int beneath_scratch;

/*
 * Replaces the file name in dir by one with these n bytes and this mode, which
 * loses its set-ID bits: a new file is written and renamed.  0, or -1 with
 * errno.
 */
int beneath_write(int dir, const char *name, const void *p, size_t n,
		  mode_t mode);

/*
 * Removes name in dir, with all below it if it is a directory on the same file
 * system, also one that cannot be read.  0, also where nothing was; or -1 with
 * errno.
 */
int beneath_remove(int dir, const char *name);

/*
 * The text of the symbolic link path; the caller frees it.  NULL with errno.
 */
char *beneath_readlink(int dir, const char *path);

/*
 * Splits path at its last "/": opens the directory before it, as beneath_open
 * does, and makes *name what is behind.  The caller closes it.  -1 with errno.
 */
int beneath_parent(int dir, const char *path, const char **name);

#endif
