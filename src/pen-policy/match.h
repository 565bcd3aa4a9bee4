/* match: what a row of the policy means, for one call. */
#ifndef PEN_POLICY_MATCH_H
#define PEN_POLICY_MATCH_H

#include "lib/policy.h"

/*
 * Whether the row refuses a call with these arguments: the definition that the
 * compiled programs are checked against.
 */
int match_row(const struct policy_row *row, const uint64_t args[6]);

#endif
