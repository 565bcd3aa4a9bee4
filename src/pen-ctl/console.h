/*
 * console: the prompt behind the program that runs in pen-shell(1), by
 * readline(3), in a process of its own.  It has the terminal while pen-shell's
 * relay lends it (lib/desk.h), and believes nothing of the relay.
 *
 * Nothing that was typed before the prompt is shown is read by it, and nothing
 * that the terminal answers to the inside.  The same goes for each question
 * (ask = true): its prompt comes a second after it is shown.
 */
#ifndef CTL_CONSOLE_H
#define CTL_CONSOLE_H

#include "pen-ctl/verbs.h"

/* Serves pen-shell at c->desk until that is gone. */
_Noreturn void console_run(const struct ctl *c);

#endif
