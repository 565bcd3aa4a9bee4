/* reaper: the process in the jail that waits for prog. */
#ifndef PEN_NS_REAPER_H
#define PEN_NS_REAPER_H

#include "pen-ns/ns.h"

/* Takes the locks of --lock-file, to be held from now on. */
void reaper_lock(struct ns *ns);

/* Forgets the signals that came before there was a prog. */
void reaper_forget_signals(void);

/* What the jail's first process does while prog runs. */
_Noreturn void reaper_run(const struct ns *ns, pid_t prog, int sock);

#endif
