/*
 * witness: a child of the proxy that is not confined as the proxy is.  It does
 * two things: it reads the resolver's files on the host, wherever they are
 * linked to by then, and when the proxy was killed it says so: nobody else
 * would know why nothing is let through any more.
 */
#ifndef SNI_WITNESS_H
#define SNI_WITNESS_H

#include <stddef.h>

#include "pen-sni/log.h"

/* The files that it reads; the names are in witness_paths. */
enum witness_file {
	WITNESS_RESOLV,
	WITNESS_HOSTS,
	WITNESS_NSSWITCH,
	WITNESS_FILES
};
extern const char *const witness_paths[WITNESS_FILES];

/*
 * Starts it; to be called before the proxy confines itself.  Returns a socket
 * to be kept.  Fatal on failure.
 */
int witness_start(const struct log *log);

/*
 * A file's content, as it is now: a fresh buffer that the caller frees, with a
 * NUL behind its *n bytes.  NULL with errno.
 */
char *witness_read(int sock, enum witness_file which, size_t *n);

/* The proxy ends as it should; sock is what witness_start returned, or -1. */
void witness_release(int sock);

#endif
