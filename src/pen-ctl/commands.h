/* commands: what can be typed at the console. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "lib/desk.h"
#include "pen-ctl/about.h"
#include "pen-ctl/watch.h"

struct commands {
	const char *pen;    /* the session */
	const char *escape; /* the key, as it is written */
	struct about about;
	struct watch watch;
};

#define COMMANDS_STAY 0

/*
 * Carries out the line, printing to standard output.  Returns what the relay is
 * to be told (enum desk), or COMMANDS_STAY.
 */
int commands_run(struct commands *c, char *line);

/*
 * The state-th word that may stand where text does, the caller's; before says
 * what is on the line before it.  NULL: there is no more.
 */
char *commands_complete(const struct commands *c, const char *before,
			const char *text, int state);

#endif
