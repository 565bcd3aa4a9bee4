/* receive: what fd_send sends. */
#ifndef PEN_RECEIVE_H
#define PEN_RECEIVE_H

#include <stddef.h>
#include <sys/types.h>

/*
 * Receives one message of at most len bytes and at most FD_MSG_MAX
 * descriptors, close-on-exec and then the caller's; writes their number to
 * *n.  Returns the bytes received, 0 at the end, -1 with errno; a message
 * that was cut is EMSGSIZE and its descriptors are closed.
 */
ssize_t receive_message(int sock, void *buf, size_t len, int *fds, size_t *n);

#endif
