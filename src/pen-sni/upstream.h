/*
 * upstream: an HTTP proxy that connections go through, by CONNECT (RFC 9110
 * section 9.3.6), where a host reaches the outside in no other way.  Pure.
 */
#ifndef SNI_UPSTREAM_H
#define SNI_UPSTREAM_H

#include <stddef.h>

#include "lib/rule.h"
#include "lib/addr.h"

struct upstream {
	char name[RULE_NAME_MAX + 1]; /* "" is addr */
	union addr addr;
	unsigned port; /* 0: there is none */
	char *auth;    /* "Basic …", or NULL */
};

/*
 * Parses "[http://]HOST:PORT[/]".  NULL and writes *u, or a static text that
 * says what is wrong.
 */
const char *upstream_parse(const char *text, struct upstream *u);

/* "USER:PASSWORD" (RFC 7617). */
void upstream_set_auth(struct upstream *u, const char *text);

/* The request for a connection to name and port; the caller frees it. */
char *upstream_request(const struct upstream *u, const char *name,
		       unsigned port);

/* The longest head of an answer. */
#define UPSTREAM_MAX 8192

/*
 * Looks at the n bytes of an answer that have arrived.  0 when its head is not
 * complete; otherwise its status, or -1 when that is none, and *used is the
 * length of the head: what is behind it is the server's.
 */
int upstream_answer(const char *p, size_t n, size_t *used);

#endif
