/* confine: the proxy gives up what it does not need. */
#ifndef SNI_CONFINE_H
#define SNI_CONFINE_H

/*
 * No capability, no privileges to gain, no file but those of /etc to read, and
 * the log in the directory log_dir (-1: none) to write; the session's directory
 * session_dir (-1: none) can be emptied and removed.  No environment, no core
 * dump, no tracing.  Fatal, except where the kernel has no Landlock: the file
 * system is then open to the user as ever.  When everything is open,
 * confine_calls() follows.
 */
void confine_self(int log_dir, int session_dir);

/* The same for the proxy's witness, which may read any file. */
void confine_witness(int log_dir);

#endif
