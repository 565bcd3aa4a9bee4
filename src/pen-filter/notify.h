/*
 * notify: the calls that are refused, told to a process outside, for pen
 * --audit.  It answers with the errno that the policy has, so that nothing more
 * is possible; when it is gone the kernel answers for it, with ENOSYS.
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

/*
 * Receives that descriptor and answers until no process is left to ask, then
 * prints what was refused, as comments for pen.conf(5).
 */
void notify_collect(int sock, unsigned relaxed);

#endif
