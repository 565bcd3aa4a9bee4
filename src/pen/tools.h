/*
 * tools: where package managers of the host get their packages from, by their
 * own configuration: the user's and the system's, never a project's.
 */
#ifndef PEN_TOOLS_H
#define PEN_TOOLS_H

#include "lib/mem.h"

struct tools {
	const char *home;
	struct strv urls; /* of registries, indexes, archives */
	struct strv env;  /* NAME=VALUE that tell prog the same */
};

/* Each adds what one of them is configured for, or what it does without. */
typedef void tools_fn(struct tools *t);

tools_fn tools_npm, tools_pip, tools_apt;

/*
 * Adds the URLs in the text of a file: the values of npmrc(5) keys that end in
 * "registry", of pip.conf's *index-url, of sources.list(5) in both formats.
 * Pure; text is changed.
 */
typedef void tools_read_fn(struct tools *t, char *text);

tools_read_fn tools_read_npmrc, tools_read_pip, tools_read_list,
    tools_read_sources;

#endif
