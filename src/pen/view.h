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

enum view_mode { VIEW_RW, VIEW_RO, VIEW_MASK };

/* What view_protect found. */
enum view_found {
	VIEW_ELSEWHERE, /* dest is not below something writable */
	VIEW_COVERED,
	VIEW_MISSING,
	VIEW_LINK, /* dest, or a directory on the way */
};

struct view_bind {
	enum view_mode mode;
	char *src, *dest;
	int fd;	 /* src, opened, or -1 */
	int pin; /* a directory on itself, so that nobody can rename it */
};

struct view_link {
	char *path, *target;
};

struct view {
	struct view_bind *binds;
	size_t n;
	struct view_link *links;
	size_t links_n;
	struct strv reports, reports_new; /* paths on the host */
};

/* Shows src at dest.  fd is src opened, or -1; it becomes the view's. */
void view_bind(struct view *v, enum view_mode mode, const char *src,
	       const char *dest, int fd);

/* Shows a symbolic link, where nothing that is shown has it already. */
void view_link(struct view *v, const char *path, const char *target);

/*
 * Makes dest, below something that is shown writable, read-only, and nails
 * down the directories on the way to it: whoever could rename `.git` could put
 * another in its place.  What is missing or a symbolic link cannot be covered
 * by a mount and is reported at the end.  A mask that cannot be made is fatal.
 * Nothing happens when dest is not shown writable.
 */
enum view_found view_protect(struct view *v, enum view_mode mode,
			     const char *dest);

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

#endif
