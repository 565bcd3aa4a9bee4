/* refusals: what a session refused, counted by name and port.  Pure. */
#ifndef SNI_REFUSALS_H
#define SNI_REFUSALS_H

#include <stddef.h>
#include <time.h>

#include "lib/rule.h"

/* More than these and the one longest ago is forgotten for a new one. */
#define REFUSALS_MAX 256

struct refusal {
	char name[260]; /* cut where it is longer; no host name is */
	unsigned port;	/* 0: a look-up */
	char why[64];
	char allow[RULE_TEXT]; /* the rule that would allow it, or "" */
	unsigned long count;
	struct timespec first, last;
};

struct refusals {
	struct refusal *v; /* NULL until the first */
	size_t n;
	unsigned long total;
};

/* Counts one more; name is any len bytes, why and allow may be NULL. */
void refusals_add(struct refusals *t, const char *name, size_t len,
		  unsigned port, const char *why, const char *allow,
		  const struct timespec *now);

#endif
