/* system: the running system's programs and /etc, as pen-ns shows them. */
#ifndef PEN_SYSTEM_H
#define PEN_SYSTEM_H

#include "lib/mem.h"

/*
 * Adds the options of pen-ns that show them, read-only, at their own places and
 * without the secrets of /etc.  What cannot be looked at is fatal: the view
 * would differ from run to run.
 */
void system_add(struct strv *words);

#endif
