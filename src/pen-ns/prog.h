/* prog: the last steps, in the process that becomes prog. */
#ifndef PEN_NS_PROG_H
#define PEN_NS_PROG_H

#include "pen-ns/ns.h"

/*
 * Becomes prog.  The process is a child of the reaper, and waits for the event
 * that the reaper holds no capability any more; or it is the jail's first
 * process, and ready is -1.
 */
_Noreturn void prog_become(const struct ns *ns, const struct signals *sig,
			   int proc, mode_t mask, int sock, int ready);

#endif
