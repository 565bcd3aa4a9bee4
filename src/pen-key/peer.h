/* peer: who is at the other end of a connection of the loopback. */
#ifndef KEY_PEER_H
#define KEY_PEER_H

/* Whether it is a process of this user, as the kernel says (sock_diag(7)). */
int peer_is_own(int fd);

#endif
