/* verbs: what pen-ctl(1) can do with a session, for its command line and for
 * the console. */
#ifndef CTL_VERBS_H
#define CTL_VERBS_H

#include "lib/mem.h"

enum lasting { SESSION, ALWAYS, EVERYWHERE };

struct ctl {
	const char *pen;      /* the session, or NULL: that of this directory */
	const char *lifetime; /* of a live rule */
	enum lasting lasting;
	int json;
	int spoken;	   /* in the console's words, not a table's */
	int desk, about;   /* of the console, or -1 */
	struct strv words; /* the command and its operands */
};

/* Carries out c->words; what fails is said and ends the process with 125. */
void verbs_run(struct ctl *c);

#endif
