/*
 * draft: what the host would execute or obey and no diff shows, in a private
 * version inside.
 *
 * git's own files are found by git.h; the rest is what the key draft names.
 */
#ifndef PEN_DRAFT_H
#define PEN_DRAFT_H

#include "pen/project.h"
#include "pen/settings.h"
#include "pen/view.h"

/*
 * Adds all of it to the view; after everything that is writable was added.
 * agent is who obeys what is state, or NULL; repositories is a file that names
 * some below the root.  With make, directories of git's that are missing are
 * made.
 */
void draft_find(const struct settings *s, const struct project *p,
		struct view *v, const char *agent, const char *repositories,
		int make);

/* Where text, of draft, mask or protect, is; relative ones are in root. */
char *draft_place(const struct project *p, const char *root, const char *text);

/* An item of draft without "+" and how it merges; the caller frees it. */
char *draft_path(const char *text);

#endif
