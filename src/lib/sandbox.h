/* sandbox: what a long-lived process of ours takes from itself. */
#ifndef PEN_SANDBOX_H
#define PEN_SANDBOX_H

#include <stddef.h>

/* The most system calls that a list has: the jumps of a filter span 255. */
#define SANDBOX_CALLS_MAX 200

/*
 * Leaves this process, and what it forks, the n system calls of the list and
 * no others: those fail with EPERM, as a C library that is newer than the list
 * expects of a sandbox, and a call of another ABI kills.  no_new_privs must be
 * set.  Other threads are not reached: call it while there are none.  0, or -1
 * with errno.
 */
int sandbox_calls(const int *calls, size_t n);

/* The most families of sockets that a list has. */
#define SANDBOX_FAMILIES_MAX 8

/*
 * The same for sockets: those of the n address families, and no others.  The
 * services of the user's session, which start programs when they are asked to,
 * have AF_UNIX.
 */
int sandbox_families(const int *families, size_t n);

#endif
