/* policy: what the rules allow, deny and pin.  Pure. */
#ifndef SNI_POLICY_H
#define SNI_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/rule.h"
#include "lib/addr.h"

/* Whether a rule counts: those of the options do, to the end. */
struct life {
	int live;      /* it came by the control socket: live.h */
	int off;       /* and was taken back */
	int64_t until; /* on policy.now's clock; 0: to the end */
};

/* Sets of enum rule_proto: what is read to find the name. */
#define POLICY_TLS (1u << RULE_TLS)
#define POLICY_HTTP (1u << RULE_HTTP)
#define POLICY_OPAQUE (1u << RULE_SSH | 1u << RULE_TCP)
#define POLICY_ANY (POLICY_TLS | POLICY_HTTP | POLICY_OPAQUE)

struct allow {
	struct rule rule;
	struct life life;
};

struct deny {
	struct rule rule;
	int any_port; /* it named neither a scheme nor a port */
	int quiet;    /* nobody is told of it; what allows the name wins */
	int held;     /* nothing that allows it wins: another serves it */
	struct life life;
};

/* Why a rule that policy_may_allow refuses is none. */
#define POLICY_MANAGED "/etc/pen/managed.conf does not allow it"

/* How many bytes may be sent to a name in a run. */
struct limit {
	struct rule rule; /* its port and protocol do not matter */
	uint64_t size, left;
};

/* --connect-to */
struct pin {
	char name[RULE_NAME_MAX + 1];	 /* "" is any */
	unsigned port;			 /* 0 is any */
	char to_name[RULE_NAME_MAX + 1]; /* "" is to_addr, or the same */
	union addr to_addr;		 /* family 0 is none */
	unsigned to_port;		 /* 0 is the same */
};

struct policy {
	struct allow *allow;
	struct deny *deny;
	struct pin *pin;
	struct rule *private; /* names that may have private addresses */
	struct rule *only;    /* all that may be allowed, if there is one */
	struct limit *limit;
	size_t allows, denies, pins, privates, onlys, limits;
	const unsigned *extra; /* ports besides those of rules */
	size_t extras;
	size_t allow_room, deny_room; /* up to these nothing moves */
	const int64_t *now;	      /* ms; NULL: nothing ends */
};

/*
 * The first rule of those protocols that allows name (canonical) on port, 0
 * for any, and is not denied.  NULL when there is none; *by, where by is not
 * NULL, is then the deny rule that decided, or NULL.
 */
const struct allow *policy_find(const struct policy *p, const char *name,
				unsigned port, unsigned protos,
				const struct deny **by);

/* Whether policy_only leaves room for a rule; for one about name. */
int policy_may_allow(const struct policy *p, const struct rule *r);
int policy_may_name(const struct policy *p, const char *name);

/* The rule that denies name on port, a quiet one only without another; NULL. */
const struct deny *policy_denied(const struct policy *p, const char *name,
				 unsigned port);

/* The first limit for name, or NULL. */
struct limit *policy_limit(const struct policy *p, const char *name);

/* Whether name may have private addresses. */
int policy_is_private(const struct policy *p, const char *name);

/* The first pin for name and port, or NULL. */
const struct pin *policy_pinned(const struct policy *p, const char *name,
				unsigned port);

/*
 * The number of different ports of the allow rules and extra; *list is "22,443"
 * ascending, and the caller frees it.
 */
size_t policy_ports(const struct policy *p, char **list);

#endif
