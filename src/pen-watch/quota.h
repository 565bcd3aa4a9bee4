/*
 * quota: how much an overlay of the run's holds, on a disk of the host's, where
 * the kernel has no bounds for a user: who exceeds them is ended.
 */
#ifndef WATCH_QUOTA_H
#define WATCH_QUOTA_H

#include <sys/types.h>

struct quota {
	int dir;		 /* the overlay's, or -1: there is none */
	unsigned long long most; /* bytes that it may hold */
	pid_t pid;		 /* who measures, or 0 */
	int end;		 /* closed: it ends */
	int told;		 /* readable when a bound is exceeded, or -1 */
};

/* What can be read then, a byte. */
enum { QUOTA_OVERLAY = 'o', QUOTA_DISK = 'd' };

/* Starts the process that measures.  It ends when this one does. */
void quota_start(struct quota *r);
void quota_end(struct quota *r);

#endif
