/*
 * caps: what a process gives up of its capabilities.  A set has the bit 1 << N
 * for the capability N (linux/capability.h).  All are fatal when they fail.
 */
#ifndef PEN_CAPS_H
#define PEN_CAPS_H

#include <stdint.h>

#define CAPS_BIT(cap) (UINT64_C(1) << (cap))

/* The effective set. */
uint64_t caps_effective(void);

/*
 * Drops from the bounding set all that is not in keep, and reads it back.
 * Needs CAP_SETPCAP.  Returns those of keep that the kernel knows.
 */
uint64_t caps_bound(uint64_t keep);

/*
 * Sets the permitted, effective and inheritable sets.  The kernel takes out of
 * the ambient set whatever is not both permitted and inheritable.
 */
void caps_set(uint64_t permitted, uint64_t inheritable);

/*
 * Adds to the ambient set, which an ordinary user keeps across execve(2), what
 * is permitted and inheritable.
 */
void caps_raise(uint64_t ambient);

#endif
