/* refusal: what of this host refuses namespaces, by what /proc and /sys say. */
#ifndef PEN_CHECK_REFUSAL_H
#define PEN_CHECK_REFUSAL_H

/*
 * In one line, what refused a user namespace, its maps or a mount in it with
 * error, and the command that mends it, as /proc and /sys of this process tell;
 * nothing is guessed.  Returns a fresh string.
 */
char *refusal_of_namespace(int error);

/* The same of execve(2), for a program that is there and may be executed. */
char *refusal_of_exec(int error);

#endif
