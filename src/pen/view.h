/*
 * view: the file view, as options of pen-ns.
 *
 * What is asked for is collected first, in any order, and turned into options
 * at the end (view_words), parents before what is below them.  Every path that
 * is added is absolute and without "..".
 */
#ifndef PEN_VIEW_H
#define PEN_VIEW_H

#include <stddef.h>

#include "lib/mem.h"

/* The later, the stricter.  VIEW_TMPFS: an empty one of its own. */
enum view_mode { VIEW_RW, VIEW_RO, VIEW_TMPFS, VIEW_MASK };

struct view_bind {
	enum view_mode mode;
	char *src, *dest;
	int fd;	    /* src, opened, or -1 */
	int pin;    /* a directory on itself, so that nobody can rename it */
	int pinned; /* what is on the way to it has pins */
	const char *over; /* the directory of an overlay over it, or NULL */
};

struct view_link {
	char *path, *target;
};

/* How a draft is made: pen-ns(1).  A directory is always the first. */
enum view_kind { VIEW_DIR, VIEW_REPLACED, VIEW_COPY };

/*
 * A file or directory of the host of which there is a private version inside.
 * What view_words takes has a layer: a path below the run's layer.
 */
struct view_draft {
	enum view_kind kind;
	char *src, *dest;
	char *tree; /* the directory around src that is its pen-ns' tree */
	const char *by, *merge;
	const char *kept; /* what is in effect is below this; NULL: view's */
	char *layer;	  /* or NULL */
};

struct view {
	struct view_bind *binds;
	size_t n;
	struct view_link *links;
	size_t links_n;
	struct view_draft *drafts;
	size_t drafts_n;
	const char *kept;      /* the tree of drafts that were kept, or NULL */
	struct strv watch;     /* options of pen-watch, of files on the host */
	struct strv obeyed;    /* on the host: what is told when it changes */
	struct strv obeyed_by; /* as many: who obeys each */
	struct strv trees;     /* on the host, and writable inside */
	struct strv more;      /* further options of pen-ns, after the rest */
};

/*
 * Shows src, which has no link in it, at dest.  fd is src opened, or -1; it
 * becomes the view's.  One dest, one bind: the stricter wins.  Returns
 * whether this one did.
 */
int view_bind(struct view *v, enum view_mode mode, const char *src,
	      const char *dest, int fd);

/*
 * Shows src, which is shown writable at its own place, through an overlay whose
 * layers are in dir, borrowed: nothing in it is a draft.
 */
void view_overlay(struct view *v, const char *src, const char *dir);

/* Shows a symbolic link, where nothing that is shown has it already. */
void view_link(struct view *v, const char *path, const char *target);

/* The bind that was asked for at just that path, or NULL. */
struct view_bind *view_find(const struct view *v, const char *dest);

/* The innermost bind that shows dest, dest's own included; pins are none. */
const struct view_bind *view_around(const struct view *v, const char *dest);

/* Whether b shows src at dest, which is below it. */
int view_bind_shows(const struct view_bind *b, const char *src,
		    const char *dest);

/* Whether src is shown at dest, in this mode, by a bind around it. */
int view_shows(const struct view *v, enum view_mode mode, const char *src,
	       const char *dest);

/* Whether path is shown, as far as the view knows. */
int view_has(const struct view *v, const char *path);

#endif
