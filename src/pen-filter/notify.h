/*
 * notify: the calls that are refused, told to a process outside (pen-policy
 * --collect), which answers them; when it is gone the kernel does, with ENOSYS.
 */
#ifndef PEN_FILTER_NOTIFY_H
#define PEN_FILTER_NOTIFY_H

#include <linux/filter.h>

/*
 * Loads the program with questions where it has errnos, and sends the
 * descriptor that they are read from to the socket.  -1 with errno when the
 * kernel does not do this here; then nothing is loaded.
 */
int notify_load(const struct sock_fprog *program, int sock);

#endif
