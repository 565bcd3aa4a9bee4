/* option: a function for each option of opts.def, and what they share. */
#ifndef PEN_NS_OPTION_H
#define PEN_NS_OPTION_H

#include "lib/opt.h"
#include "pen-ns/ns.h"

#define OPT(name, fn, args, help) opt_fn fn;
#include "pen-ns/opts.def"
#undef OPT

/* An option that takes no argument and does one thing to the plan, ns. */
#define OPTION_SETS(fn, statement)      \
	void fn(void *cfg, char **args) \
	{                               \
		struct ns *ns = cfg;    \
                                        \
		(void)args;             \
		statement;              \
	}

/* The same of one that takes args, and is called option in messages. */
#define OPTION_TAKES(fn, name, statement)  \
	void fn(void *cfg, char **args)    \
	{                                  \
		const char *option = name; \
		struct ns *ns = cfg;       \
                                           \
		statement;                 \
	}

/*
 * A descriptor that is open now: parsing is the time to find that out.  It is
 * not prog's too, unless it is standard input, output or error.
 */
int option_fd(const char *option, const char *text);

/* text, which is not empty; fatal if it is. */
const char *option_path(const char *option, const char *text);

/* Fatal if --perms, --size or --overlay-src is still for what follows. */
void option_check_taken(const struct ns *ns);

/* What --unshare-all makes anew. */
#define OPTION_UNSHARE_ALL                                            \
	(CLONE_NEWUSER | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET | \
	 CLONE_NEWUTS | CLONE_NEWCGROUP)

#endif
