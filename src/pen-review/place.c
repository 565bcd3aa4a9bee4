#include "pen-review/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/beneath.h"

#define LAST "undo"
#define NEXT "undo.new"
#define OLD "undo.old" /* one that gives up its place */

/* Puts right what a crash between two renames left. */
static void
recover(const struct project *p)
{
	if (faccessat(p->state, LAST, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		renameat(p->state, OLD, p->state, LAST);
}

int
place_make(const struct project *p)
{
	recover(p);
	if (beneath_remove(p->state, NEXT) < 0)
		return -1;
	return beneath_make(p->state, NEXT, 0700);
}

int
place_take(const struct project *p)
{
	if (beneath_remove(p->state, OLD) < 0 ||
	    (renameat(p->state, LAST, p->state, OLD) < 0 && errno != ENOENT) ||
	    renameat(p->state, NEXT, p->state, LAST) < 0)
		return -1;
	beneath_remove(p->state, OLD);
	return 0;
}

void
place_leave(const struct project *p)
{
	beneath_remove(p->state, NEXT);
}

int
place_open(const struct project *p)
{
	recover(p);
	return beneath_open(p->state, LAST, O_RDONLY | O_DIRECTORY);
}

void
place_remove(const struct project *p)
{
	beneath_remove(p->state, LAST);
}
