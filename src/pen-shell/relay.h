/* relay: between the user's terminal and the pty. */
#ifndef SHELL_RELAY_H
#define SHELL_RELAY_H

#include "pen-shell/leader.h"
#include "pen-shell/tty.h"

enum notice { NOTICE_NONE, NOTICE_TITLE, NOTICE_BELL, NOTICE_DESKTOP };

struct relay_config {
	const struct tty *tty;
	const struct leader *leader;
	struct shared *shared; /* with its screen initialised */
	int desk;	       /* the console (lib/desk.h), non-blocking */
	int escape;	       /* the key that opens it, or -1 */
	const char *key;       /* as it is written */
	enum notice notice;    /* how news are told */
};

/*
 * Relays until the pen ends, and gives the terminal back.  Returns the exit
 * status of pen-shell.
 */
int relay_run(const struct relay_config *config);

#endif
