/* group: "@NAME" in the lists of rules. */
#ifndef PEN_GROUP_H
#define PEN_GROUP_H

#include "settings.h"

/*
 * Adds the rules of the named group that a file defines to *s, as
 * "allow = {…}".  Returns whether one does.
 */
typedef int group_find_fn(void *arg, const char *name, struct settings *s);

/*
 * Puts rules in the place of each group in s: @npm, @pip and @apt read what
 * they are configured for on the host, others are find's.  One that is not
 * known is fatal.
 */
void group_expand(struct settings *s, const char *home, group_find_fn *find,
		  void *arg);

#endif
