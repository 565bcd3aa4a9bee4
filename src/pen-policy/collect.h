/*
 * collect: the process that pen-filter --notify tells what is refused, for pen
 * --audit.  It answers with the errno that the policy has, so that nothing more
 * is possible; when it is gone the kernel answers for it, with ENOSYS.
 */
#ifndef PEN_POLICY_COLLECT_H
#define PEN_POLICY_COLLECT_H

/*
 * Receives from the socket the descriptor that the calls are read from and
 * answers until no process is left to ask, then prints what was refused, as
 * comments for pen.conf(5).
 */
void collect_refused(int sock, unsigned relaxed);

#endif
