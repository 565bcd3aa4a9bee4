/*
 * resolver: a process that looks the API's name up, as the host does.  The one
 * that has the credential reads no file and loads no module for it.
 */
#ifndef KEY_RESOLVER_H
#define KEY_RESOLVER_H

#include "lib/addr.h"

#define RESOLVER_MAX 16

/*
 * Starts it for host.  Returns a descriptor that is the caller's: each message
 * is answered by one with the addresses, without a port, of sizeof(union addr)
 * each, or with a single byte when there is none.  It ends with the descriptor.
 */
int resolver_start(const char *host);

/* Closes it, and waits for the process: its next parent may not.  -1: none. */
void resolver_end(int fd);

#endif
