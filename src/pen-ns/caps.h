/* caps: the capabilities of a process, by number. */
#ifndef PEN_NS_CAPS_H
#define PEN_NS_CAPS_H

#include <stdint.h>

/* The number of a capability's name ("CAP_KILL", any case), or -1. */
int caps_number(const char *name);

/*
 * Leaves the process (and what it executes) the capabilities in keep and
 * nothing else, for good; reads all five sets back; fatal if it cannot.  With
 * lock user id 0 means nothing, and a change of ids takes nothing away.
 */
void caps_limit(uint64_t keep, int lock);

#endif
