/* policy: what the options allow, deny and pin.  Pure once it is filled. */
#ifndef SNI_POLICY_H
#define SNI_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/rule.h"
#include "pen-sni/addr.h"

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
	struct life life;
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
	size_t allows, denies, pins, privates;
	const unsigned *extra;	      /* ports besides those of rules */
	size_t extras;
	size_t allow_room, deny_room; /* up to these nothing moves */
	const int64_t *now;	      /* ms; NULL: nothing ends */
};

/*
 * Each adds what text says and returns NULL, or a static text that says what
 * is wrong with it.
 */
const char *policy_allow(struct policy *p, const char *text);
const char *policy_deny(struct policy *p, const char *text);
const char *policy_pin(struct policy *p, const char *text);
const char *policy_private(struct policy *p, const char *text);

/*
 * The first rule of those protocols that allows name (canonical) on port, 0
 * for any, and is not denied.  NULL when there is none; *by, where by is not
 * NULL, is then the deny rule that decided, or NULL.
 */
const struct allow *policy_find(const struct policy *p, const char *name,
				unsigned port, unsigned protos,
				const struct deny **by);

/* The rule that denies name on port, or NULL. */
const struct deny *policy_denied(const struct policy *p, const char *name,
				 unsigned port);

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
