#include "pen-sni/policy_add.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/num.h"

const char *
policy_allow(struct policy *p, const char *text)
{
	struct allow a = {.rule.port = 0};
	const char *why = rule_parse_allow(text, &a.rule);

	if (why)
		return why;
	if (a.rule.port == 53)
		return "port 53 is the resolver's inside";
	if (!policy_may_allow(p, &a.rule))
		return POLICY_MANAGED;
	if (p->allows >= p->allow_room)
		p->allow = mem_room(p->allow, p->allows, sizeof(*p->allow));
	p->allow[p->allows++] = a;
	return NULL;
}

const char *
policy_only(struct policy *p, const char *text)
{
	struct rule r;
	const char *why = rule_parse(text, &r);

	if (why)
		return why;
	p->only = mem_room(p->only, p->onlys, sizeof(*p->only));
	p->only[p->onlys++] = r;
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
		p->deny = mem_room(p->deny, p->denies, sizeof(*p->deny));
	p->deny[p->denies++] = d;
	return NULL;
}

const char *
policy_quiet(struct policy *p, const char *text)
{
	const char *why = policy_deny(p, text);

	if (!why)
		p->deny[p->denies - 1].quiet = 1;
	return why;
}

const char *
policy_hold(struct policy *p, const char *text)
{
	const char *why = policy_quiet(p, text);

	if (!why)
		p->deny[p->denies - 1].held = 1;
	return why;
}

/* A number of bytes, with K, M or G behind it.  0, or -1. */
static int
parse_size(const char *text, uint64_t *size)
{
	static const char units[] = "KMG";
	size_t n = strlen(text);
	const char *unit = n > 1 ? strchr(units, text[n - 1]) : NULL;
	char digits[16];
	unsigned long v;

	n -= unit != NULL;
	if (n == 0 || n >= sizeof(digits))
		return -1;
	memcpy(digits, text, n);
	digits[n] = '\0';
	if (num_parse(digits, 10, 1UL << 32, &v) < 0 || v == 0)
		return -1;
	*size = (uint64_t)v << (unit ? 10 * (unit - units + 1) : 0);
	return 0;
}

const char *
policy_add_limit(struct policy *p, const char *text)
{
	const char *equal = strchr(text, '='), *why;
	struct limit l;
	char *name;

	if (!equal || parse_size(equal + 1, &l.size) < 0)
		return "it is not NAME=SIZE, as example.org=2M";
	name = mem_part(text, (size_t)(equal - text));
	why = strchr(name, ':') ? "it is not a host name"
				: rule_parse(name, &l.rule);
	free(name);
	if (why)
		return why;
	l.left = l.size;
	p->limit = mem_room(p->limit, p->limits, sizeof(*p->limit));
	p->limit[p->limits++] = l;
	return NULL;
}

const char *
policy_private(struct policy *p, const char *text)
{
	struct rule r;
	const char *why =
	    strchr(text, ':') ? "it is not a host name" : rule_parse(text, &r);

	if (why)
		return why;
	p->private = mem_room(p->private, p->privates, sizeof(*p->private));
	p->private[p->privates++] = r;
	return NULL;
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
	p->pin = mem_room(p->pin, p->pins, sizeof(*p->pin));
	p->pin[p->pins++] = pin;
	return NULL;
}
