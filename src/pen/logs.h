/* logs: the sessions' logs, of which not all are kept. */
#ifndef PEN_LOGS_H
#define PEN_LOGS_H

/* So many besides the one that is begun: months, for most. */
#define LOGS_KEPT 100

/*
 * Removes the oldest logs in the directory dir, but for those of processes that
 * still run, until LOGS_KEPT are left.  What is in the way is left alone,
 * silently.
 */
void logs_prune(int dir);

/*
 * Writes the one line of a run that pen-sni sees nothing of: which network it
 * has.  0, or -1 with errno.
 */
int logs_note(const char *path, const char *network);

#endif
