/* conf: changes the user's pen.conf on the disk. */
#ifndef CTL_CONF_H
#define CTL_CONF_H

/* Where a rule goes, or is taken from. */
struct conf_place {
	const char *project; /* a project's section; NULL: profile default */
	const char *key;     /* "allow" or "deny" */
};

/*
 * Adds or removes a rule; the file is replaced whole, keeps its mode, and is
 * made if there is none.  Fatal on failure.  conf_remove returns whether there
 * was one.
 */
void conf_add(const struct conf_place *p, const char *rule);
int conf_remove(const struct conf_place *p, const char *rule);

#endif
