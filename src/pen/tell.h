/*
 * tell: what the model that works inside is told about the pen: a file, and in
 * the way that its agent has for it, a notice that names the file.  All of it
 * is in memory: nothing is written to the project or to an agent's state.
 */
#ifndef PEN_TELL_H
#define PEN_TELL_H

#include "lib/mem.h"
#include "pen/key.h"
#include "pen/project.h"
#include "pen/settings.h"

/* The file inside, and another name of it, by which agents look for such. */
#define TELL_FILE "/run/pen/README"
#define TELL_ALIAS "/run/pen/pen.instructions.md"

/*
 * The file's text, the caller's; NULL with tell_model = no.  hidden has the
 * directories of PATH that are not shown, with colons between them.
 */
char *tell_text(const struct settings *s, const struct project *p,
		const struct keys *keys, const char *hidden);

/*
 * Appends the agent's tell_args, with the notice in them, to the words of its
 * command line, unless what the user typed, or a file of the user's, says
 * something in that place.
 */
void tell_args(const struct settings *s, const struct project *p,
	       char *const *typed, struct strv *words);

/* Adds the agent's tell_env to env, unless the user has such a variable. */
void tell_env(struct settings *s);

#endif
