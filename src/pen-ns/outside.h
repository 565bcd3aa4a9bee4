/* outside: pen-monitor, which pen-ns becomes, and pen-watch. */
#ifndef PEN_NS_OUTSIDE_H
#define PEN_NS_OUTSIDE_H

#include "pen-ns/ns.h"

/*
 * Before the jail is made: makes the sockets that pen-monitor and the watch,
 * which pen-monitor starts, will have to it.
 */
void outside_prepare(struct ns *ns);

/* Executes pen-monitor, which waits for the child and the socket to it. */
_Noreturn void outside_become(const struct ns *ns, const struct signals *sig,
			      pid_t child, int sock);

/*
 * In the jail: passes on to both the root of the drafts' layer, which the
 * process is in and leaves for "/", and to the watch its namespaces.
 */
void outside_send_layer(const struct ns *ns, int proc);

/* In the jail: waits until the watch looks. */
void outside_wait_watch(const struct ns *ns);

/*
 * Makes the manifest writable for its owner: prog may have begun, so that a run
 * without an end is one that was killed.
 */
void outside_note_start(const struct ns *ns);

#endif
