/*
 * agent: where a program is, and what of the home directory it needs to run.
 *
 * A program is followed link by link, and its interpreters as well; what
 * belongs to it (a Node.js version, a node_modules, a virtual environment and
 * the Python under it, a version manager's tree) is shown read-only, never a
 * directory that it merely shares with others, such as ~/.local.
 */
#ifndef PEN_AGENT_H
#define PEN_AGENT_H

#include "pen/project.h"
#include "pen/view.h"

struct program {
	const char *path;  /* as PATH or the user names it, absolute */
	struct strv names; /* its own name, and those of what it links to */
	int in_project;	   /* anybody's program, whatever its name */
	int is_wrapper;	   /* a script for a shell: who knows what it takes */
};

/*
 * Finds the program name as execvp(3) does.  0, or -1 with errno: there is none
 * (ENOENT, ENOTDIR), or it cannot be executed.
 */
int agent_find(struct program *prog, const char *name, const struct project *p);

/* Adds to the view what the program needs and the system does not have. */
void agent_show(const struct program *prog, const struct project *p,
		struct view *v);

#endif
