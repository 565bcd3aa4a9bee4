/*
 * names: the synthetic addresses that stand for names during a run.  A name
 * keeps its address, and its text does not move, until the proxy ends.
 */
#ifndef SNI_NAMES_H
#define SNI_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "pen-sni/rate.h"

/* 198.18.0.2, host byte order: pen-net has .0.1 on lo, RFC 2544 the rest. */
#define NAMES_FIRST 0xc6120002u
#define NAMES_MAX 8192
#define NAMES_SLOTS (NAMES_MAX * 2)

struct names {
	char **text;		    /* by number: address - NAMES_FIRST */
	size_t n;
	uint16_t slot[NAMES_SLOTS]; /* number + 1, by hash; 0 is free */
	struct rate fresh;	    /* new names under wildcards */
};

void names_init(struct names *t);

/*
 * The number of name (canonical), which it is given now if it has none.  Names
 * under a wildcard can carry data, so fresh ones are rationed.  *fresh says
 * whether it is new.  -1 when the ration or the table is used up.
 */
int names_number(struct names *t, const char *name, int wildcard, int64_t now,
		 int *fresh);

/* The name with that address (host byte order), or NULL. */
const char *names_at(const struct names *t, uint32_t address);

#endif
