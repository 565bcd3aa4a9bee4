/* confine: the relay gives up what it does not need. */
#ifndef SHELL_CONFINE_H
#define SHELL_CONFINE_H

/*
 * No capability, no privileges to gain, no file, no core dump, no tracing, and
 * only the system calls that the relay makes: no exec, no socket, no signal
 * but to its own process group.  Everything has to be open before.  Fatal,
 * except where the kernel has no Landlock.
 */
void confine_self(void);

#endif
