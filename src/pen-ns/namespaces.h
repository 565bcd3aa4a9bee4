/* namespaces: those of the jail are made or joined, and their ids mapped. */
#ifndef PEN_NS_NAMESPACES_H
#define PEN_NS_NAMESPACES_H

#include "pen-ns/ns.h"

/*
 * fork(2) into the namespaces that ns asks for: 0 in the jail's first process,
 * its pid in the monitor.
 */
pid_t namespaces_clone(struct ns *ns, int sock[2]);

/*
 * The jail's part: waits until its start has been announced, and maps the ids;
 * proc is the host's /proc.
 */
void namespaces_settle(const struct ns *ns, const struct signals *sig, int sock,
		       int proc);

/*
 * When the view is made: moves to a copy whose mounts are locked together.
 * A descriptor that outlives the run does not get below one of them then.
 */
void namespaces_lock_mounts(const struct ns *ns, int proc);

/* Waits until fd has something to read: --block-fd and its like. */
void namespaces_wait_fd(int fd, const struct signals *sig, int sock);

/* The last user namespace, where prog has one to itself. */
void namespaces_enter_last(const struct ns *ns, int proc);

#endif
