/* held: what an overlay holds, listed, shown and decided. */
#ifndef REVIEW_HELD_H
#define REVIEW_HELD_H

#include <jansson.h>
#include <stdio.h>

#include "pen-review/overlay.h"

/* A line each on standard output. */
void held_list(const struct overlay *o);

/* Appends an entry each to the array. */
void held_list_json(const struct overlay *o, json_t *entries);

/*
 * Writes to out what h would change on the host; a conflict with what the host
 * had before, has, and would get.
 */
void held_show(FILE *out, const struct overlay *o, const struct held *h,
	       int colours);

/* Shows one after the other and asks.  How many could not be applied. */
int held_ask(struct overlay *o);

/* Whether h is git's own data, of which there is nothing to be seen. */
int held_is_data(const struct held *h);

#endif
