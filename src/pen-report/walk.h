/*
 * walk: what changed in the trees of a run, found from outside when the run is
 * over.
 *
 * What counts is a change time (ctime) not before the run's start: nothing
 * inside sets that back.  Two things have none of their own and are found by
 * the list of the last end: what was removed, and what is in a directory that
 * was moved.  No name decides whether something counts.
 */
#ifndef REPORT_WALK_H
#define REPORT_WALK_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/mem.h"
#include "pen-report/history.h"
#include "pen-report/list.h"
#include "pen-report/manifest.h"

/* Changes that are listed, of one walk; more are counted only. */
#define WALK_CHANGES_MAX 200000

/* Repositories without a .git of which a walk takes note. */
#define WALK_BARE_MAX 4096

enum change {
	CHANGE_CREATED,
	CHANGE_CHANGED,
	CHANGE_REMOVED,
	CHANGE_RENAMED,
	CHANGE_HELD
};

/* What a change is besides: bits. */
enum {
	WALK_DIRECTORY = 1,
	WALK_LINK = 2,	  /* a symbolic link */
	WALK_SPECIAL = 4, /* a FIFO or a socket */
	WALK_DEVICE = 8,
	WALK_SETID = 16,       /* had a set-ID bit, which was removed */
	WALK_OVERLAY = 32,     /* has an attribute that overlayfs obeys */
	WALK_MOVED = 64,       /* below a directory that may have been moved */
	WALK_BARE = 128,       /* a directory that git takes for a repository */
	WALK_KEPT_SETID = 256, /* has a set-ID bit that could not be removed */
	WALK_BORN = 512,       /* the file itself was made by the run */
	WALK_FORGED = 1024,    /* git's, and not what its name says */
	WALK_HIDDEN = 2048,    /* git takes it for unchanged, and it is not */
};

struct change_entry {
	char *path; /* absolute */
	char *old;  /* before a rename, or NULL */
	enum change change;
	unsigned flags;
	unsigned long long ino;
};

struct walk {
	const struct manifest *m;
	const struct history *history; /* what git had at the start */
	struct list last; /* of the last end; nothing in the first run */
	int first;	  /* there is no such list */
	struct change_entry *v;
	size_t n;
	unsigned long long uncounted; /* beyond WALK_CHANGES_MAX */
	unsigned long long seen;      /* entries of directories */
	struct strv bare;	      /* git directories, sorted */
	struct strv nested;	      /* work trees below the trees' roots */
	struct strv why;	      /* what makes it not whole */
	struct bytes list;	      /* for the next run */
	int list_lost;		      /* it became too large */
};

/* Walks the trees of w->m on two threads; w->last and w->first are set. */
void walk_trees(struct walk *w);

/* The git directory of w->bare that is path, or the nearest above; or NULL. */
const char *walk_repository(const struct walk *w, const char *path);

#endif
