/* resolve: paths in which somebody hostile may have put links. */
#ifndef PEN_RESOLVE_H
#define PEN_RESOLVE_H

#include <linux/openat2.h> /* RESOLVE_* */
#include <stdint.h>

/*
 * openat2(2), close-on-exec, tried again where a rename elsewhere made the
 * kernel unsure (EAGAIN).  The caller closes it.  -1 with errno.
 */
int resolve_open(int dir, const char *path, int flags, uint64_t resolve);

#endif
