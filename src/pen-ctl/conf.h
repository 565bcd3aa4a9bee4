/* conf: changes the user's pen.conf, by pen --edit. */
#ifndef CTL_CONF_H
#define CTL_CONF_H

/* Where a rule goes, or is taken from. */
struct conf_place {
	const char *project; /* a project's section; NULL: profile default */
	const char *key;     /* "allow" or "deny" */
};

/*
 * Adds or removes a rule.  Fatal on failure, of which pen has said the reason.
 * conf_remove returns whether there was one.
 */
void conf_add(const struct conf_place *p, const char *rule);
int conf_remove(const struct conf_place *p, const char *rule);

#endif
