#include "lib/rule.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/num.h"

static const struct {
	const char *scheme;
	unsigned port; /* IANA; 0 where the rule must say it */
} protos[] = {
    [RULE_TLS] = {"https://", 443},
    [RULE_HTTP] = {"http://", 80},
    [RULE_SSH] = {"ssh://", 22},
    [RULE_TCP] = {"tcp://", 0},
};
static_assert(sizeof(protos) / sizeof(*protos) == RULE_PROTOS, "a row each");

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * WHATWG URL, "ends in a number": a host whose last label is all digits or
 * 0x-hex is an IPv4 address to somebody.
 */
static int
is_number(const char *label)
{
	if (label[0] == '0' && label[1] == 'x')
		return strspn(label + 2, "0123456789abcdef") ==
		       strlen(label + 2);
	return strspn(label, "0123456789") == strlen(label);
}

/* Whether name (lower case, no trailing dot) is made of proper labels. */
static int
labels_ok(const char *name)
{
	for (;;) {
		size_t n = strcspn(name, ".");

		if (n < 1 || n > RULE_LABEL_MAX || name[0] == '-' ||
		    name[n - 1] == '-')
			return 0;
		if (name[n] == '\0')
			return !is_number(name);
		name += n + 1;
	}
}

int
rule_name(const char *text, size_t n, char name[RULE_NAME_MAX + 1])
{
	char out[RULE_NAME_MAX + 1];

	if (n > 0 && text[n - 1] == '.')
		n--;
	if (n < 1 || n > RULE_NAME_MAX)
		return -1;
	for (size_t i = 0; i < n; i++) {
		char c = text[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '-' &&
		    c != '.' && c != '_')
			return -1;
		out[i] = c;
	}
	out[n] = '\0';
	if (!labels_ok(out))
		return -1;
	memcpy(name, out, n + 1);
	return 0;
}

/*
 * Whether everybody can get a name below it: of two labels, where a country
 * has the registers of all kinds that are usual.  The list of all such names
 * has thousands and changes weekly; this is for the mistake.
 */
static int
is_public_suffix(const char *name)
{
	static const char *const kinds[] = {"ac",  "co",  "com", "edu",
					    "go",  "gov", "mil", "ne",
					    "net", "or",  "org"};
	const char *country = strchr(name, '.');

	if (!country || strlen(country) != 3)
		return 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strlen(kinds[i]) == (size_t)(country - name) &&
		    strncmp(name, kinds[i], strlen(kinds[i])) == 0)
			return 1;
	return 0;
}

/* Takes a known scheme off the front of *text. */
static const char *
parse_scheme(const char **text, struct rule *r)
{
	const char *sep = strstr(*text, "://");

	r->proto = RULE_TLS;
	if (!sep)
		return NULL;
	for (int p = 0; p < RULE_PROTOS; p++) {
		size_t n = strlen(protos[p].scheme);

		if (strncmp(*text, protos[p].scheme, n) == 0) {
			r->proto = (enum rule_proto)p;
			*text += n;
			return NULL;
		}
	}
	return "the scheme is none of https, http, ssh, tcp";
}

const char *
rule_parse(const char *text, struct rule *r)
{
	struct rule out;
	const char *why = parse_scheme(&text, &out), *colon;
	unsigned long port;

	if (why)
		return why;
	out.wildcard = strncmp(text, "*.", 2) == 0;
	if (out.wildcard)
		text += 2;
	colon = strchrnul(text, ':');
	if (rule_name(text, (size_t)(colon - text), out.name) < 0)
		return "it is not a host name";
	if (out.wildcard && !strchr(out.name, '.'))
		return "a wildcard needs two labels or more behind it";
	if (out.wildcard && is_public_suffix(out.name))
		return "everybody can register a name that this wildcard takes";
	out.port = protos[out.proto].port;
	if (*colon) {
		if (num_parse(colon + 1, 10, 65535, &port) < 0 || port == 0)
			return "the port is not a number from 1 to 65535";
		out.port = (unsigned)port;
	}
	if (out.port == 0)
		return "tcp:// needs a port";
	*r = out;
	return NULL;
}

/*
 * Whether the n bytes at host are this host: what resolvers make loopback (RFC
 * 6761 section 6.3), what distributions write into /etc/hosts, and addresses.
 */
static int
is_this_host(const char *host, size_t n)
{
	static const char *const names[] = {
	    "localhost",     "localhost.localdomain",
	    "localhost4",    "localhost6",
	    "ip6-localhost", "ip6-loopback",
	    "[::1]",	     "0.0.0.0",
	    "[::]"};
	const char *dot = n > 10 ? host + n - 10 : host;

	if (n > 0 && host[n - 1] == '.')
		return is_this_host(host, n - 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (n == strlen(names[i]) &&
		    strncasecmp(host, names[i], n) == 0)
			return 1;
	return (n > 10 && strncasecmp(dot, ".localhost", 10) == 0) ||
	       (strncmp(host, "127.", 4) == 0 &&
		strspn(host, "0123456789.") >= n);
}

const char *
rule_parse_allow(const char *text, struct rule *r)
{
	const char *scheme = strstr(text, "://");
	const char *host = scheme ? scheme + 3 : text;
	const char *end =
	    strchrnul(*host == '[' ? strchrnul(host, ']') : host, ':');

	if (is_this_host(host, (size_t)(end - host)) ||
	    strcmp(host, "::1") == 0)
		return "a port of this host is reached with --reach PORT";
	return rule_parse(text, r);
}

int
rule_matches(const struct rule *r, const char *name)
{
	size_t n = strlen(name), suffix = strlen(r->name);

	if (!r->wildcard)
		return strcmp(r->name, name) == 0;
	return n > suffix + 1 && name[n - suffix - 1] == '.' &&
	       strcmp(name + n - suffix, r->name) == 0;
}

int
rule_covers(const struct rule *wide, const struct rule *narrow)
{
	if (wide->proto != narrow->proto || wide->port != narrow->port)
		return 0;
	if (!narrow->wildcard)
		return rule_matches(wide, narrow->name);
	return wide->wildcard && (strcmp(wide->name, narrow->name) == 0 ||
				  rule_matches(wide, narrow->name));
}

void
rule_format(const struct rule *r, char *buf, size_t size)
{
	const char *scheme =
	    r->proto == RULE_TLS ? "" : protos[r->proto].scheme;
	char port[16] = "";

	if (r->port != protos[r->proto].port)
		snprintf(port, sizeof(port), ":%u", r->port);
	snprintf(buf, size, "%s%s%s%s", scheme, r->wildcard ? "*." : "",
		 r->name, port);
}
