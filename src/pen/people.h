/*
 * people: who is in /etc/passwd and /etc/group inside: the system's accounts
 * and the user, and nobody else of the machine.  Pure.
 */
#ifndef PEN_PEOPLE_H
#define PEN_PEOPLE_H

#include <stddef.h>
#include <sys/types.h>

/* Whom it is made for, and which ids are people's: login.defs(5). */
struct people {
	uid_t uid;
	const gid_t *groups; /* the user's; the first is the primary one */
	size_t groups_n;
	unsigned long uid_min, uid_max, gid_min, gid_max;
};

/* Reads UID_MIN and its like from the text of /etc/login.defs, or NULL. */
void people_ranges(struct people *p, const char *defs);

/*
 * What is left of text, which the caller frees, with own at its end, a line of
 * passwd(5) and a newline, where it lacks one for the user.  own may be NULL.
 */
char *people_passwd(const struct people *p, const char *text, const char *own);

/* The same for group(5); members are those whom passwd has. */
char *people_group(const struct people *p, const char *text, const char *own,
		   const char *passwd);

/* Whether a text of either kind has an entry of that name, or of that id. */
int people_has(const char *text, const char *name);
int people_has_id(const char *text, unsigned long id);

#endif
