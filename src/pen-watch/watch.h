/*
 * watch: what is done, while a run goes on, about files that programs of the
 * host would obey at once.
 *
 * When the host replaces a file that is a draft, the kernel takes the mount
 * away in every namespace: a lock beside the file (git's, NAME.lock), or what
 * will replace it (NAME.tmp), freezes the run until the link is mounted again.
 */
#ifndef WATCH_WATCH_H
#define WATCH_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "pen-watch/again.h"
#include "pen-watch/mirror.h"
#include "pen-watch/quota.h"

enum watch_kind {
	WATCH_LINK,	 /* a draft that is a link to a copy: mounted again */
	WATCH_DRAFT,	 /* another draft: that its mount was lost is noted */
	WATCH_BELOW,	 /* a directory of the host's, below an overlay */
	WATCH_FORBIDDEN, /* missing, and removed when it appears */
	WATCH_NOTICED,	 /* missing, and noted when it does */
};

struct watch_name {
	enum watch_kind kind;
	int wd;
	const char *path, *name; /* on the host; its part in wd, to the end */
	const char *dest;	 /* of a link or overlay: where it is inside, */
	unsigned link;		 /* and its number, or whether it changed */
};

struct watch {
	int inotify, clock; /* descriptors to be polled, or -1 */
	int events;	    /* what is seen, a JSON object a line, */
	int full;	    /* or not any more: one did not fit */
	int jail;	    /* the socket to its first process: lib/message.h */
	struct again_place place; /* what came through it */
	struct mirror mirror;	  /* of the layer that did */
	struct quota quota;	  /* of the run's overlay */
	uint32_t copied;	  /* the cookie of the last copy's rename(2) */
	int frozen;		  /* at the request of this process */
	long long since;	  /* from when, */
	long long until;	  /* and when it thaws all the same, in ms */
	long long forgot;	  /* when the overlays did, in ms */
	struct watch_name *names;
	size_t n;
};

/* Adds a name that is there, or is not: then the directories on its way. */
void watch_add(struct watch *w, enum watch_kind kind, const char *path,
	       const char *dest, unsigned link);
void watch_add_missing(struct watch *w, enum watch_kind kind, const char *path);

/* Looks at all of it until the jail's end. */
void watch_run(struct watch *w);

#endif
