/* commands: what can be typed at the console. */
#ifndef SHELL_COMMANDS_H
#define SHELL_COMMANDS_H

#include "pen-shell/console.h"

/* What a line may say while a question is shown. */
#define COMMANDS_ANSWERS                                                       \
	"o once, t ten minutes, s session, a always in this project, d deny"

/* Carries out the line, printing to standard output. */
enum console_wish commands_run(const struct console_config *config,
			       struct session *session, char *line);

/*
 * The state-th word that may stand where text does, the caller's; before says
 * what is on the line before it.  NULL: there is no more.
 */
char *commands_complete(struct session *session, const char *before,
			const char *text, int state);

#endif
