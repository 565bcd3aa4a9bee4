/*
 * helper: processes that a link of the chain starts beside it, and that end
 * with it.  Whatever the process becomes inherits their numbers in the variable
 * PEN_HELPERS; the last link ends and reaps them, for who is their parent next
 * may never do so (pid 1 of a container).
 */
#ifndef PEN_HELPER_H
#define PEN_HELPER_H

#include <stddef.h>
#include <sys/types.h>

#define HELPER_MAX 32

struct helpers {
	struct {
		pid_t pid;
		int signal; /* that ends it */
	} v[HELPER_MAX];
	size_t n;
};

/* Notes a child of this process.  0, or -1 with errno. */
int helper_add(pid_t pid, int signal);

/* Takes the children of this process out of the variable, and unsets it. */
void helper_take(struct helpers *h);

/* Ends them, the last first, each when the one that was using it has ended. */
void helper_end(const struct helpers *h);

#endif
