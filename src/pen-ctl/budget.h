/* budget: what the credentials of a pen may spend, while it runs. */
#ifndef CTL_BUDGET_H
#define CTL_BUDGET_H

#include "lib/mem.h"

/*
 * Both are about the session called pen, or if that is NULL the one of this
 * directory, and fatal on failure.  The first prints what is used and allowed.
 */
void budget_show(const char *pen, int json, int spoken);

/* "budget", perhaps the name of an API, and "requests=+200" or the like. */
void budget_raise(const char *pen, const struct strv *words);

#endif
