/* options: the command line, parsed and checked. */
#ifndef PEN_NS_OPTIONS_H
#define PEN_NS_OPTIONS_H

#include "lib/opt.h"
#include "pen-ns/ns.h"

/* Fills *ns from the command line of pen-ns; fatal if it is wrong. */
void options_read(struct ns *ns, int argc, char **argv);

/* For pen-bwrap: sets what the command line, which is tool's, need not say. */
void options_start(struct ns *ns, const struct opt_tool *tool);

/*
 * For pen-bwrap: the words that --args finds in descriptor fd, and how many.
 * They stay allocated: the operations point into them.
 */
size_t options_split(int fd, struct strv *words);

/* For pen-bwrap: option, if given, makes sense only with what is wanted. */
void options_require(int given, const char *option, int there,
		     const char *wanted);

/* For pen-bwrap: checks what was parsed; asked: --unshare-user is in force. */
void options_check(const struct ns *ns, int asked);

#endif
