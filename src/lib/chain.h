/* chain: finding programs and becoming them. */
#ifndef PEN_CHAIN_H
#define PEN_CHAIN_H

/*
 * Replaces this process by argv[0], looked up in PATH as execvp(3) does, except
 * that empty and relative elements of PATH are passed over: the current
 * directory is the project, and a project that ships ./pen-net must not win.
 * When it fails the process ends with 127 (not found) or 126 (anything else)
 * and a message.
 */
_Noreturn void chain_exec(char *const argv[]);

/*
 * The absolute path of the program name, by the same rules; the caller frees
 * it.  NULL with errno (ENOENT when there is none, EACCES when all that was
 * found cannot be executed).
 */
char *chain_find(const char *name);

/* The same, of those in PATH only one for which good returns true. */
char *chain_find_good(const char *name, int (*good)(const char *path));

/*
 * The absolute path of a program of this toolkit: beside the running
 * executable (/proc/self/exe), nowhere else.  The caller frees it.  Fatal when
 * it is not there.
 */
char *chain_sibling(const char *name);

/*
 * What refused something with error, and the command that mends it: "namespace"
 * for a user namespace, its maps or a mount in it, "exec" for a program.  Asks
 * pen-check, which is beside this program; errno stays as it is.
 */
const char *chain_remedy(const char *what, int error);

#endif
