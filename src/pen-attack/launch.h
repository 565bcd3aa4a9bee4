/* launch: one command, as it is (the control) or by the launcher. */
#ifndef PEN_ATTACK_LAUNCH_H
#define PEN_ATTACK_LAUNCH_H

#include "pen-attack/attack.h"

struct launcher {
	const char *with;	     /* words for sh, or NULL: pen */
	const char *agent, *profile; /* of pen, or NULL */
};

struct launch {
	const struct launcher *launcher; /* NULL outside */
	const struct world *world;
	const char *project;
	const char *dir; /* where it starts; NULL: here, which is the project */
	enum run run;
	const char *arg;   /* of the attack, where it is alone */
	char *const *argv; /* what is launched */
	int terminal;	   /* a descriptor, or -1 */
};

/* Starts it; what it says goes to the file @B/said.  Returns the pid.  Fatal.
 */
pid_t launch_start(const struct launch *l);

/* Waits for its end and returns the status of waitpid(2), or kills its group
 * after so many seconds and returns -1. */
int launch_wait(pid_t pid, int seconds);

/* What the last launch said; the caller frees it. */
char *launch_said(const struct world *w);

/* The first words of what was launched with --version; the caller frees it. */
char *launch_version(const struct launcher *l);

#endif
