/*
 * inside: the programs of a pen that listen, as the kernel knows them: what is
 * asked is /proc of the host, and nothing inside.
 */
#ifndef CTL_INSIDE_H
#define CTL_INSIDE_H

#include <stddef.h>
#include <sys/types.h>

struct inside_listener {
	unsigned port;
	char *address; /* "*" is every one */
	pid_t pid; /* on the host; 0: no process inside is seen to have it */
	char *program; /* the name of its file, made visible; NULL with pid 0 */
};

struct inside {
	struct inside_listener *v;
	size_t n;
};

/*
 * Finds the TCP listeners in the network of the process, by port; of a socket
 * that several processes have, the first.  All is the caller's.  0, or -1 with
 * errno.
 */
int inside_list(int pidfd, struct inside *list);

/*
 * How many bytes of the tmpfs at path, as a process inside sees it, are used,
 * and how many it has.  0, or -1: there is none, or nobody to ask about it.
 */
int inside_room(int pidfd, const char *path, unsigned long long *used,
		unsigned long long *size);

#endif
