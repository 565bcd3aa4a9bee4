/* console: starts pen-ctl(1), which is the console, beside the relay. */
#ifndef SHELL_CONSOLE_H
#define SHELL_CONSOLE_H

#include <sys/types.h>

#include "pen-shell/about.h"

/*
 * Starts the console of the pen of this process id, with the user's terminal as
 * standard input, output and error.  a and settings ("name = value" lines,
 * those in force) are what it can tell about the pen.  Returns a socket
 * (lib/desk.h), the caller's; fatal on failure.
 */
int console_start(pid_t pen, const struct about *a, const char *settings);

#endif
