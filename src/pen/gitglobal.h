/*
 * gitglobal: ~/.gitconfig inside: what of the user's own configuration of git
 * only names data, as git itself reads it for this project.
 */
#ifndef PEN_GITGLOBAL_H
#define PEN_GITGLOBAL_H

#include "pen/ask.h"
#include "pen/project.h"
#include "pen/settings.h"
#include "pen/view.h"

/* git, reading; it takes as long as the rest of a start. */
struct gitglobal {
	const char *git; /* the program, or NULL */
	struct ask ask;
};

/* Starts git, if there is one that no run can have written. */
void gitglobal_begin(struct gitglobal *g, const struct project *p,
		     const struct view *v);

/*
 * Waits for it, and returns the text of the file, which the caller frees, or
 * NULL where there is nothing to say.  Shows the files that it names, and
 * appends to the variables of s where a setting of the project's would want a
 * key.
 */
char *gitglobal_end(struct gitglobal *g, const struct project *p,
		    struct settings *s, struct view *v);

#endif
