/* ask: what another program says; it runs while pen goes on. */
#ifndef PEN_ASK_H
#define PEN_ASK_H

#include <stddef.h>
#include <sys/types.h>

struct ask {
	pid_t pid; /* or -1 */
	int out;
};

/*
 * Starts the program with the words argv and the environment env, both ended by
 * NULL.  It reads nothing, and what it has to complain about is not seen.
 */
void ask_begin(struct ask *a, const char *program, char *const *argv,
	       char *const *env);

/*
 * Waits for it, three seconds at most, and returns what it wrote, ended by NUL
 * behind its *n bytes; the caller frees it.  NULL when it failed.
 */
char *ask_end(struct ask *a, size_t *n);

#endif
