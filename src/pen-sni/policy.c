#include "pen-sni/policy.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/num.h"

const char *
policy_allow(struct policy *p, const char *text)
{
	struct allow a = {.rule.port = 0};
	const char *why = rule_parse(text, &a.rule);

	if (why)
		return why;
	if (a.rule.port == 53)
		return "port 53 is the resolver's inside";
	if (p->allows >= p->allow_room)
		p->allow = mem_grow(p->allow, p->allows + 1, sizeof(*p->allow));
	p->allow[p->allows++] = a;
	return NULL;
}

const char *
policy_deny(struct policy *p, const char *text)
{
	struct deny d = {.any_port = !strchr(text, ':')};
	const char *why = rule_parse(text, &d.rule);

	if (why)
		return why;
	if (p->denies >= p->deny_room)
		p->deny = mem_grow(p->deny, p->denies + 1, sizeof(*p->deny));
	p->deny[p->denies++] = d;
	return NULL;
}

const char *
policy_private(struct policy *p, const char *text)
{
	struct rule r;
	const char *why = strchr(text, ':') ? "it is not a host name"
					    : rule_parse(text, &r);

	if (why)
		return why;
	p->private = mem_grow(p->private, p->privates + 1,
			      sizeof(*p->private));
	p->private[p->privates++] = r;
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

/*
 * Takes a field of HOST:PORT:ADDR:PORT off *text, up to the colon that is not
 * within brackets, or to the end.
 */
static size_t
take_field(const char **text, const char **field)
{
	const char *end;

	*field = *text;
	end = **text == '[' ? strchrnul(*text, ']') : *text;
	end = strchrnul(end, ':');
	*text = *end ? end + 1 : end;
	return (size_t)(end - *field);
}

static int
take_port(const char **text, unsigned *port)
{
	const char *field;
	size_t n = take_field(text, &field);
	char copy[8];
	unsigned long v;

	if (n == 0)
		return 0;
	if (n >= sizeof(copy))
		return -1;
	memcpy(copy, field, n);
	copy[n] = '\0';
	if (num_parse(copy, 10, 65535, &v) < 0 || v == 0)
		return -1;
	*port = (unsigned)v;
	return 0;
}

static int
take_target(const char **text, struct pin *pin)
{
	const char *field;
	size_t n = take_field(text, &field);

	if (n == 0)
		return 0;
	if (n > 2 && field[0] == '[' && field[n - 1] == ']') {
		field++;
		n -= 2;
	} else if (rule_name(field, n, pin->to_name) == 0) {
		return 0;
	}
	return addr_parse(field, n, &pin->to_addr);
}

const char *
policy_pin(struct policy *p, const char *text)
{
	struct pin pin = {0};
	const char *field, *s = text;
	size_t n, colons = 0;

	n = take_field(&s, &field);
	if (n > 0 && rule_name(field, n, pin.name) < 0)
		return "HOST is not a host name";
	if (take_port(&s, &pin.port) < 0)
		return "PORT is not a number from 1 to 65535";
	if (take_target(&s, &pin) < 0)
		return "ADDR is neither an address nor a host name";
	if (strchr(s, ':') || take_port(&s, &pin.to_port) < 0)
		return "the last PORT is not a number from 1 to 65535";
	for (s = text; *s; s++)
		colons += *s == ':';
	if (colons < 3)
		return "it is not HOST:PORT:ADDR:PORT";
	p->pin = mem_grow(p->pin, p->pins + 1, sizeof(*p->pin));
	p->pin[p->pins++] = pin;
	return NULL;
}

static int
counts(const struct policy *p, const struct life *l)
{
	return !l->off && (!l->until || !p->now || *p->now < l->until);
}

const struct deny *
policy_denied(const struct policy *p, const char *name, unsigned port)
{
	for (size_t i = 0; i < p->denies; i++) {
		const struct deny *d = &p->deny[i];

		if (counts(p, &d->life) &&
		    (d->any_port || d->rule.port == port) &&
		    rule_matches(&d->rule, name))
			return d;
	}
	return NULL;
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

		if (!counts(p, &a->life) || (port && a->rule.port != port) ||
		    !(protos & 1u << a->rule.proto) ||
		    !rule_matches(&a->rule, name))
			continue;
		d = policy_denied(p, name, a->rule.port);
		if (!d)
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
