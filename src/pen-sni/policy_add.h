/* policy_add: fills a policy from text. */
#ifndef SNI_POLICY_ADD_H
#define SNI_POLICY_ADD_H

#include "pen-sni/policy.h"

/*
 * Each adds what text says and returns NULL, or a static text that says what
 * is wrong with it.
 */
const char *policy_allow(struct policy *p, const char *text);
const char *policy_deny(struct policy *p, const char *text);
const char *policy_quiet(struct policy *p, const char *text);
const char *policy_hold(struct policy *p, const char *text);
const char *policy_add_limit(struct policy *p, const char *text);
const char *policy_only(struct policy *p, const char *text);
const char *policy_pin(struct policy *p, const char *text);
const char *policy_private(struct policy *p, const char *text);

#endif
