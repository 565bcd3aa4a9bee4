/*
 * host: files of the host, by absolute paths in which no symbolic link is
 * followed.
 */
#ifndef REVIEW_HOST_H
#define REVIEW_HOST_H

#include <stddef.h>
#include <sys/stat.h>

#include "pen-review/project.h"

/*
 * The text of the regular file at path, which the caller frees; NULL with
 * errno, ENOENT where there is nothing.
 */
char *host_read(const struct project *p, const char *path, size_t *n,
		struct stat *st);

/* What is at path itself.  0, or -1 with errno. */
int host_stat(const struct project *p, const char *path, struct stat *st);

/*
 * Replaces path by a file with the n bytes and the mode, without set-ID bits,
 * making the directories that are missing.  0, or -1 with errno.
 */
int host_write(const struct project *p, const char *path, const void *text,
	       size_t n, mode_t mode);

/* The same with a symbolic link. */
int host_link(const struct project *p, const char *path, const char *link);

/* Removes the file or the link at path.  0, or -1 with errno. */
int host_remove(const struct project *p, const char *path);

/* The link's text at path, the caller's; NULL with errno. */
char *host_readlink(const struct project *p, const char *path);

#endif
