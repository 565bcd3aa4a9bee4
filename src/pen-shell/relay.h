/* relay: between the user's terminal and the pty. */
#ifndef SHELL_RELAY_H
#define SHELL_RELAY_H

#include "pen-shell/console.h"
#include "pen-shell/leader.h"
#include "pen-shell/tty.h"

struct relay_config {
	const struct tty *tty;
	const struct leader *leader;
	struct shared *shared; /* with its screen initialised */
	struct console *console;
	struct session *session;
	int escape; /* the key that opens the console, or -1 */
};

/*
 * Relays until the pen ends, and gives the terminal back.  Returns the exit
 * status of pen-shell.
 */
int relay_run(const struct relay_config *config);

#endif
