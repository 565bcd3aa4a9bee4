/* list: the policy, for reading. */
#ifndef PEN_POLICY_LIST_H
#define PEN_POLICY_LIST_H

#include "lib/policy.h"

/* Prints the policy to stdout.  0, or -1 with errno. */
int list_print(enum policy_arch arch, unsigned relaxed);

#endif
