/* pen: what the parts of this program fill in, one after the other. */
#ifndef PEN_PEN_H
#define PEN_PEN_H

#include <stddef.h>

#include "lib/mem.h"
#include "pen/agent.h"
#include "pen/edit.h"
#include "pen/env.h"
#include "pen/key.h"
#include "pen/project.h"
#include "pen/run.h"
#include "pen/settings.h"
#include "pen/view.h"

/* Where a setting is from that was typed. */
#define COMMAND_LINE "command line"

enum print { PRINT_NOTHING, PRINT_CHAIN, PRINT_CONF };

struct pen {
	const char *agent, *profile, *project_dir, *config, *shell, *list;
	enum print print;
	struct settings typed; /* on the command line; its lists add */
	struct settings set;
	struct strv allow_only; /* of managed.conf */
	struct project project;
	struct program program;
	struct view view;
	struct env env;
	char *const *prog;
	size_t given; /* of its words: the agent's own, before what was typed */
	const char *bin;     /* where this program is, and its siblings */
	const char *shipped; /* the directory of agents and groups */
	const char *user;    /* the user's pen.conf, or what --config says */
	const char *state, *logs, *log;
	struct run run;
	const char *overlay_name; /* that was typed, or NULL */
	const char *overlay;	  /* its directory, or NULL */
	struct strv commands;	  /* that make what is missing, to be printed */
	char *gitconfig;	  /* the text of ~/.gitconfig, or NULL */
	char *told;		  /* the text of TELL_FILE, or NULL */
	const char *hidden_path;  /* of PATH: said at the end, or NULL */
	int audit, no_key, new_remotes;
	struct keys keys;
	struct edit *edits;
	size_t edits_n;
};

#endif
