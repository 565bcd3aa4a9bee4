/* userns: user namespaces, for the links that make one. */
#ifndef PEN_USERNS_H
#define PEN_USERNS_H

#include <sys/types.h>

/*
 * Moves the process into a new user namespace and the namespaces in flags
 * (CLONE_NEW* of unshare(2); CLONE_NEWUSER is added) in which outer is seen as
 * inner, for the user and for the group, and no other id is mapped.  Outside it
 * the process keeps the rights it had.  Fatal when it cannot: the message is
 * one line and the hint names the host's switch (sysctl, AppArmor, container
 * runtime).
 */
void userns_enter(int flags, uid_t inner_uid, gid_t inner_gid);

/*
 * For a process that is already in a new user namespace (clone(2)), in which
 * nothing is mapped yet: maps outer, an id of the parent namespace, to inner,
 * for the user and for the group.  proc is a descriptor of a /proc directory.
 * Fatal when it cannot.
 */
void userns_map(int proc, uid_t inner_uid, uid_t outer_uid, gid_t inner_gid,
		gid_t outer_gid);

/*
 * Lets the group gid open sockets for ICMP echo (icmp(7)) in the process' own
 * network namespace; in a new one nobody may.  proc as above.  Where /proc/sys
 * is read-only, as in containers, nothing changes and nothing is said.
 */
void userns_allow_ping(int proc, gid_t gid);

#endif
