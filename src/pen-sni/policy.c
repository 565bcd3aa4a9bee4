#include "pen-sni/policy.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/num.h"

int
policy_may_allow(const struct policy *p, const struct rule *r)
{
	for (size_t i = 0; i < p->onlys; i++)
		if (rule_covers(&p->only[i], r))
			return 1;
	return p->onlys == 0;
}

int
policy_may_name(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->onlys; i++)
		if (rule_matches(&p->only[i], name))
			return 1;
	return p->onlys == 0;
}

struct limit *
policy_limit(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->limits; i++)
		if (rule_matches(&p->limit[i].rule, name))
			return &p->limit[i];
	return NULL;
}

int
policy_is_private(const struct policy *p, const char *name)
{
	for (size_t i = 0; i < p->privates; i++)
		if (rule_matches(&p->private[i], name))
			return 1;
	return 0;
}

static int
is_in_force(const struct policy *p, const struct life *l)
{
	return !l->off && (!l->until || !p->now || *p->now < l->until);
}

const struct deny *
policy_denied(const struct policy *p, const char *name, unsigned port)
{
	const struct deny *quiet = NULL;

	for (size_t i = 0; i < p->denies; i++) {
		const struct deny *d = &p->deny[i];

		if (!is_in_force(p, &d->life) ||
		    !(d->any_port || d->rule.port == port) ||
		    !rule_matches(&d->rule, name))
			continue;
		if (!d->quiet || d->held)
			return d;
		quiet = d;
	}
	return quiet;
}

const struct allow *
policy_find(const struct policy *p, const char *name, unsigned port,
	    unsigned protos, const struct deny **by)
{
	if (by)
		*by = NULL;
	for (size_t i = 0; i < p->allows; i++) {
		const struct allow *a = &p->allow[i];
		const struct deny *d;

		if (!is_in_force(p, &a->life) ||
		    (port && a->rule.port != port) ||
		    !(protos & 1u << a->rule.proto) ||
		    !rule_matches(&a->rule, name))
			continue;
		d = policy_denied(p, name, a->rule.port);
		if (!d || (d->quiet && !d->held))
			return a;
		if (by)
			*by = d;
	}
	return NULL;
}

const struct pin *
policy_pinned(const struct policy *p, const char *name, unsigned port)
{
	for (size_t i = 0; i < p->pins; i++) {
		const struct pin *pin = &p->pin[i];

		if ((!pin->name[0] || strcmp(pin->name, name) == 0) &&
		    (!pin->port || pin->port == port))
			return pin;
	}
	return NULL;
}

size_t
policy_ports(const struct policy *p, char **list)
{
	unsigned last = 0;
	size_t n = 0;

	for (*list = mem_copy("");; n++) {
		unsigned next = 65536;
		char *longer;

		for (size_t i = 0; i < p->allows; i++) {
			unsigned port = p->allow[i].rule.port;

			if (port > last && port < next)
				next = port;
		}
		for (size_t i = 0; i < p->extras; i++)
			if (p->extra[i] > last && p->extra[i] < next)
				next = p->extra[i];
		if (next == 65536)
			return n;
		longer = mem_printf("%s%s%u", *list, n ? "," : "", next);
		free(*list);
		*list = longer;
		last = next;
	}
}
