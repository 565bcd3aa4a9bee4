/*
 * view: the file view, as options of pen-ns.
 *
 * What is asked for is collected first, in any order, and turned into options
 * at the end, parents before what is below them.  Every path that is added is
 * absolute and without "..".
 */
#ifndef PEN_VIEW_H
#define PEN_VIEW_H

#include <stddef.h>

#include "lib/mem.h"
#include "lib/names.h"

/* The later, the stricter.  VIEW_TMPFS: an empty one of its own. */
enum view_mode { VIEW_RW, VIEW_RO, VIEW_TMPFS, VIEW_MASK };

/* What view_protect found. */
enum view_found {
	VIEW_ELSEWHERE, /* path is not below something writable */
	VIEW_COVERED,
	VIEW_MISSING,
	VIEW_LINK, /* path is one; or there is one on the way to elsewhere */
};

struct view_bind {
	enum view_mode mode;
	char *src, *dest;
	int fd;	 /* src, opened, or -1 */
	int pin; /* a directory on itself, so that nobody can rename it */
	int pinned; /* what is on the way to it has pins */
};

struct view_link {
	char *path, *target;
};

/* A directory that was looked at: opened if no link leads there, or why not. */
struct view_place {
	char *dir;
	int fd, error;
	struct names names;
};

#define VIEW_PLACES 8

struct view {
	struct view_bind *binds;
	size_t n;
	struct view_link *links;
	size_t links_n;
	struct strv reports, reports_new; /* paths on the host */
	struct strv trees; /* on the host, and writable inside */
	struct strv more;  /* further options of pen-ns */
	/* most of what is covered is in the same few places, and is missing */
	struct view_place places[VIEW_PLACES];
	size_t places_n; /* ever; the oldest is forgotten */
	char *last; /* that was looked at in a bind, and the bind's fd */
	int last_in, last_missing;
	struct names names; /* in the bind of */
	char *names_of;
};

/*
 * Says that path, without a link in it, will be writable: before anything is
 * opened.
 */
void view_writes(struct view *v, const char *path);

/*
 * Opens path (O_PATH) to show it; with make, the directories that are missing
 * are made.  Whoever can write to a directory decides where the links in it
 * lead, so one that the run could have made is not followed: then the result
 * is -1 and *planted is the link.  Else *planted is NULL, and the result -1
 * with errno, or a descriptor, and *real says where it is.  With never, no run
 * at all could have made the links that are followed: they are in directories
 * of root's, or in one that holds what never is writable.
 */
int view_open(const struct view *v, const char *path, int make,
	      const struct strv *never, char **real, char **planted);

/*
 * Shows src, which has no link in it, at dest.  fd is src opened, or -1; it
 * becomes the view's.  One dest, one bind: the stricter wins.  Returns
 * whether this one did.
 */
int view_bind(struct view *v, enum view_mode mode, const char *src,
	      const char *dest, int fd);

/* Shows a symbolic link, where nothing that is shown has it already. */
void view_link(struct view *v, const char *path, const char *target);

/*
 * Makes path, on the host, read-only or masks it, wherever it is shown and by
 * whatever name, and nails down the directories on the way to it: whoever could
 * rename `.git` could put another in its place.  What is missing or a symbolic
 * link cannot be covered by a mount and is reported at the end.  A mask that
 * cannot be made is fatal.  Nothing happens where path is not shown, or
 * read-only is not writable; so after everything that is shown was added.
 */
enum view_found view_protect(struct view *v, enum view_mode mode,
			     const char *path);

/* Report path (on the host) when the run creates or changes it. */
void view_report(struct view *v, const char *path);

/* Report what the run adds to the directory path, which may be missing. */
void view_report_new(struct view *v, const char *path);

/* Whether src is shown at dest, in this mode, by a bind around it. */
int view_shows(const struct view *v, enum view_mode mode, const char *src,
	       const char *dest);

/* Whether path is shown, as far as the view knows. */
int view_has(const struct view *v, const char *path);

/* Whether path, which has no link in it, is below something writable. */
int view_writable(const struct view *v, const char *path);

/*
 * Appends the options to words; shown gets the same for a reader, with paths
 * where words has descriptors.  Protects what was added read-only below
 * something writable, too.
 */
void view_words(struct view *v, struct strv *words, struct strv *shown);

/* Then appends those that say what is reported, in no order that matters. */
void view_report_words(const struct view *v, struct strv *words);

#endif
