/* project: the one directory that is writable inside. */
#ifndef PEN_PROJECT_H
#define PEN_PROJECT_H

#include "lib/mem.h"

struct project {
	int anyway;	    /* a directory that is refused is a warning */
	int by_name;	    /* --project named it by an absolute path */
	const char *home;   /* resolved */
	const char *root;   /* resolved, never / nor $HOME nor above it, and one
			     * person's work unless anyway: refuse.h */
	const char *cwd;    /* where prog starts: in root */
	int root_fd;	    /* root, O_PATH: the same directory for good */
	const char *common; /* a worktree's common directory, or NULL */
	const char *control;   /* where the control sockets are: never shown */
	const char *budget;    /* pen-key's counts of a day: masked */
	const char *histories; /* of shells inside, a directory a project */
	struct strv own;       /* pen's policy and logs: never writable */
	struct strv never; /* own and home: nothing around them is writable */
	struct strv programs; /* pen's programs and agents: read-only */
};

/*
 * The user's home directory, resolved: $HOME, which must be a directory of the
 * user's.  Anything else is fatal.
 */
const char *project_home(void);

/*
 * Finds the project: given, or the git repository around the current
 * directory, or the current directory; and its git directory.  p->home,
 * p->own, p->never, p->anyway and p->by_name are set by the caller.  A
 * directory that may not be one is fatal.  A symbolic link that a run may have
 * made is said, if it led there.
 */
void project_find(struct project *p, const char *given);

#endif
