/*
 * fakeip: the synthetic addresses that stand for names during a run.  A name
 * keeps its address, and its text does not move, until the proxy ends.
 */
#ifndef SNI_FAKEIP_H
#define SNI_FAKEIP_H

#include <stddef.h>
#include <stdint.h>

#include "pen-sni/rate.h"

/* 198.18.0.2, host byte order: pen-net has .0.1 on lo, RFC 2544 the rest. */
#define FAKEIP_FIRST 0xc6120002u

/*
 * All of them, and those below wildcards, of which the program inside may make
 * up as many as it likes: the others stay for names that rules have.
 */
#define FAKEIP_MAX 65000
#define FAKEIP_WILD_MAX 32500

struct fakeip_name {
	unsigned slow; /* dials of it that have not come to an end at once */
	char text[];
};

struct fakeips {
	struct fakeip_name **v; /* by number: address - FAKEIP_FIRST */
	size_t n, wild;
	uint16_t *slot; /* number + 1, by hash; 0 is free */
	size_t slots;
	struct rate fresh; /* new names under wildcards */
};

void fakeip_init(struct fakeips *t);

/*
 * The number of name (canonical), which it is given now if it has none.  Names
 * under a wildcard can carry data, so fresh ones are rationed.  *fresh says
 * whether it is new.  -1 when the ration or the table is used up.
 */
int fakeip_number(struct fakeips *t, const char *name, int wildcard,
		  int64_t now, int *fresh);

/* The name with that address (host byte order), or NULL. */
const char *fakeip_at(const struct fakeips *t, uint32_t address);

/* The text of a number, and what it is part of. */
const char *fakeip_text(const struct fakeips *t, int number);
struct fakeip_name *fakeip_name(const char *text);

#endif
