/* view: the file view while it is built, and what is put into it. */
#ifndef PEN_NS_VIEW_H
#define PEN_NS_VIEW_H

#include <stdint.h>
#include <sys/types.h>

#include "pen-ns/ns.h"

struct view {
	int base;	/* a tmpfs that the view is not: what is made for it */
	unsigned names; /* that were given there */
	int root;	/* what will be "/" */
	uint64_t root_mount, root_ino;
	unsigned below; /* mounts that root hides, one above the other */
	dev_t host_dev; /* the host's "/" */
	ino_t host_ino;
	int nested, bounded, userns, pidns; /* what of ns matters here */
	int no_links, lenient;		    /* see ns.h */
	const char *label;		    /* of new files, or NULL */
	mode_t above; /* what the operation gives missing directories */
	unsigned long draft_size; /* 0: the default */
	struct drafts *drafts;	  /* draft.c's, or NULL */
};

/* A message about a mount that failed, with the hint that fits; exits. */
_Noreturn void view_die(const char *what, const char *dest);

/* The new tree, which is empty; v has what of ns matters. */
void view_begin(struct view *v);

/* Is dest itself a symbolic link, where those are refused? */
int view_is_refused(const struct view *v, const char *dest);

/* Puts tree, a detached mount (what names it in messages), on dest. */
void view_place(struct view *v, int tree, const char *what, const char *dest);

/* The same, where the caller needs tree no longer: closes it. */
void view_mount(struct view *v, int tree, const char *what, const char *dest);

/* A name in base for a new file of the view's, which the caller frees. */
char *view_name(struct view *v);

/* A detached mount of a new directory of base. */
int view_directory(struct view *v);

/* A detached tmpfs; size 0 is the default.  Fatal when it cannot be had. */
int view_tmpfs(const struct view *v, mode_t perms, unsigned long size);

#endif
