/*
 * rule: host names, and the rules that allow or deny them.  Pure: no system
 * call, nothing allocated.
 *
 *	api.example.org             TLS on port 443
 *	*.example.org               any name below it, never example.org itself
 *	example.org:8443            TLS on another port
 *	http://archive.example.org  port 80, Host header checked
 *	ssh://github.com            port 22
 *	tcp://db.example.org:5432   any protocol, on that port
 */
#ifndef PEN_RULE_H
#define PEN_RULE_H

#include <stddef.h>

/* RFC 1035 section 2.3.4: 255 octets on the wire are 253 in text. */
#define RULE_NAME_MAX 253
#define RULE_LABEL_MAX 63

/* Room for a rule as text: what rule_format writes. */
#define RULE_TEXT 288

enum rule_proto {
	RULE_TLS,  /* the ClientHello's server name is checked */
	RULE_HTTP, /* the Host header is checked */
	RULE_SSH,  /* opaque: the name is the one that was resolved */
	RULE_TCP,  /* opaque */
	RULE_PROTOS
};

struct rule {
	char name[RULE_NAME_MAX + 1]; /* canonical, without "*." */
	int wildcard;
	enum rule_proto proto;
	unsigned port; /* 1 to 65535 */
};

/*
 * Writes the canonical form of the n bytes at text to name: lower case, one
 * trailing dot dropped.  Letters, digits, hyphen, dot and underscore only,
 * labels of 1 to 63 octets that neither begin nor end with a hyphen, at most
 * 253 in all, at least one dot or the word alone, and nothing that any
 * inet_aton(3) or URL parser reads as an address (the last label is not a
 * number in decimal, octal or hex).  Returns 0, or -1 and leaves name alone.
 */
int rule_name(const char *text, size_t n, char name[RULE_NAME_MAX + 1]);

/*
 * Parses a rule.  A wildcard's suffix has at least two labels ("*.org" is
 * refused, and so are "*.co.uk" and its like).  Returns NULL and writes *r, or
 * a static text that says what is wrong.
 */
const char *rule_parse(const char *text, struct rule *r);

/*
 * The same for a rule that is to allow something: names and addresses of this
 * host itself can never be dialled, and the text says what does reach them.
 */
const char *rule_parse_allow(const char *text, struct rule *r);

/* Whether the rule speaks of name, which is canonical, whatever the port. */
int rule_matches(const struct rule *r, const char *name);

/* Whether wide speaks of everything that narrow speaks of. */
int rule_covers(const struct rule *wide, const struct rule *narrow);

/* Writes the rule as rule_parse reads it; size RULE_TEXT always fits. */
void rule_format(const struct rule *r, char *buf, size_t size);

#endif
