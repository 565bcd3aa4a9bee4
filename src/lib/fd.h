/* fd: whole reads and writes, and descriptors passed between processes. */
#ifndef PEN_FD_H
#define PEN_FD_H

#include <stddef.h>
#include <sys/types.h>

/* Writes all n bytes, through EINTR and short writes.  0, or -1 with errno. */
int fd_write_all(int fd, const void *buf, size_t n);

/*
 * Reads to the end of the file into a fresh buffer that the caller frees and
 * that has a NUL behind its *n bytes.  NULL with errno; EFBIG past max bytes.
 */
char *fd_read_all(int fd, size_t max, size_t *n);

/* Writes text to an existing file in one write(2).  0, or -1 with errno. */
int fd_write_file(int dirfd, const char *path, const char *text);

/* Sets or clears close-on-exec.  0, or -1 with errno. */
int fd_cloexec(int fd, int on);

/*
 * For a process that will not exec: makes fds[i] descriptor i for each i < n
 * (negative: i is closed) and closes all others.  0, or -1.
 */
int fd_keep_only(const int *fds, size_t n);
#define FD_KEEP_MAX 64 /* the largest n */

/* The most descriptors that one message carries (SCM_MAX_FD is 253). */
#define FD_MSG_MAX 64

/*
 * Sends one SOCK_SEQPACKET message of len > 0 bytes with n descriptors
 * (SCM_RIGHTS), which stay the caller's.  0, or -1 with errno.
 */
int fd_send(int sock, const void *buf, size_t len, const int *fds, size_t n);

#endif
