/*
 * room: whether a directory inside, which is in memory, was full at some moment
 * of a run.  Programs say "No space left on device", and nobody what to do.
 */
#ifndef WATCH_ROOM_H
#define WATCH_ROOM_H

#include "pen-watch/again.h"

/* As many directories are looked at: /tmp and the home directory. */
#define ROOM_MAX 2

struct room {
	const char *paths[ROOM_MAX];
	int n;
};

/*
 * Opens the directories as they are inside, by a process that enters the jail;
 * fds has -1 for one that cannot be opened.
 */
void room_open(const struct room *r, const struct again_place *p,
	       int fds[ROOM_MAX]);

/* Which of them are full tmpfs now: bit i for fds[i]. */
unsigned room_full(const int fds[ROOM_MAX]);

#endif
