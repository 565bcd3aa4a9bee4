/* audit: the chain as a child, and what it needed when it is over. */
#ifndef PEN_AUDIT_H
#define PEN_AUDIT_H

/*
 * Runs the chain, waits for its end, has pen-log (an absolute path) print what
 * the log says was let through, and ends as the chain did.
 */
_Noreturn void audit_run(char *const chain[], const char *log,
			 const char *pen_log);

#endif
