/* confine: the proxy gives up what it does not need. */
#ifndef SNI_CONFINE_H
#define SNI_CONFINE_H

/*
 * No capability, no privileges to gain, no file but those of /etc and of
 * resolv.conf's directory to read, and the log in the directory log_dir (-1:
 * none) to write; the session's directory session_dir (-1: none) can be emptied
 * and removed.  No environment, no core dump, no tracing.  Fatal, except
 * where the kernel has no Landlock: the file system is then open to the user
 * as ever.
 */
void confine_self(int log_dir, int session_dir);

/*
 * And, when everything is open, no system call but those of the loop and the
 * resolver: no program, no process, no look into another one, no Unix socket of
 * the user's.  Fatal.
 */
void confine_calls(void);

#endif
