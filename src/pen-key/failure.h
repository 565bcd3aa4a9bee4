/*
 * failure: what ends this process is told to pen-sni too, and is in the run's
 * account then: an agent clears the screen on which it is said.
 */
#ifndef KEY_FAILURE_H
#define KEY_FAILURE_H

/* Tells it on fd, pen-sni's socket, if it is this process that ends. */
void failure_tell(int fd);

#endif
