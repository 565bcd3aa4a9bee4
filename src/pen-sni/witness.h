/*
 * witness: the child of the proxy in the chain that is left when that was
 * killed, and says so: nobody else would know why nothing is let through any
 * more.
 */
#ifndef SNI_WITNESS_H
#define SNI_WITNESS_H

#include "pen-sni/log.h"

/*
 * Starts it where there is a log; to be called once the proxy has confined
 * itself but for its system calls.  Returns a descriptor to be kept, or -1.
 */
int witness_start(const struct log *log);

/* The proxy ends as it should; fd is what witness_start returned. */
void witness_release(int fd);

#endif
