/* audit: a run that only finds out which names it needs. */
#ifndef SNI_AUDIT_H
#define SNI_AUDIT_H

#include "lib/rule.h"
#include "pen-sni/events.h"
#include "pen-sni/policy.h"

/* Allows wish, which no rule speaks of, and logs that.  NULL: it cannot. */
const struct allow *audit_allow(struct policy *p, struct events *e,
				const struct rule *wish);

#endif
