/*
 * program: the policy compiled to BPF, for each architecture and each set of
 * relaxations.  programs.c is written at build time by gen/mkprograms, which
 * has libseccomp: doing that at run time would be 0.25 to 0.45 ms of each
 * start, and a table costs nothing.
 */
#ifndef PEN_FILTER_PROGRAM_H
#define PEN_FILTER_PROGRAM_H

#include <linux/filter.h>

#include "pen-filter/policy.h"

extern const struct sock_fprog programs[POLICY_ARCHES][POLICY_SETS];

/* For each row of the policy its number, or -1 where the machine has none. */
extern const int *const program_numbers[POLICY_ARCHES];

#endif
