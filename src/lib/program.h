/* program: what runs outside, beside the jail or after it. */
#ifndef PEN_PROGRAM_H
#define PEN_PROGRAM_H

#include <signal.h>

#include "lib/mem.h"

/*
 * Becomes the program words, with the signal mask unless it is NULL.  It finds
 * others, which are descriptors or -1, as its own from 3 on; its output goes to
 * standard error.
 */
_Noreturn void program_become(const struct strv *words, int others[3],
			      const sigset_t *mask);

#endif
