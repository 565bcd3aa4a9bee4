/* group: "@NAME" in the lists of rules. */
#ifndef PEN_GROUP_H
#define PEN_GROUP_H

#include "lib/mem.h"
#include "pen/settings.h"

/*
 * Adds the rules of the named group that a file defines to *s, as
 * "allow = {…}".  Returns whether one does.
 */
typedef int group_find_fn(void *arg, const char *name, struct settings *s);

struct group_source {
	group_find_fn *find;
	/* what to say of a group that is not known, the caller's to free */
	char *(*hint)(void *arg, const char *name);
	void *arg;
};

/*
 * Puts rules in the place of each group in s: @npm, @pip and @apt read what
 * they are configured for on the host, others are source's.  One that is not
 * known is fatal.
 */
void group_expand(struct settings *s, const char *home,
		  const struct group_source *source);

/* Pushes the names of the groups that are not in any file. */
void group_builtin(struct strv *names);

#endif
