/* view: the file view while it is built; shared by view.c and special.c. */
#ifndef PEN_NS_VIEW_H
#define PEN_NS_VIEW_H

#include <stdint.h>
#include <sys/types.h>

#include "pen-ns/ns.h"

struct view {
	int base;	/* the tmpfs that everything is built on */
	uint64_t base_mount;
	int root;	/* what will be "/": base, or what was put over it */
	uint64_t root_mount, root_ino;
	unsigned below; /* mounts that root hides, one above the other */
	int scratch;	/* base, or when that is read-only a copy to write to */
	int files;	/* where files are made that are mounted elsewhere, */
	int mounted;	/* and the same as a mount that can be copied from */
	unsigned names; /* that were given to them, where they keep them */
	int empty;	/* is EMPTY_NAME there, to mask other files with? */
	dev_t host_dev; /* the host's "/" */
	ino_t host_ino;
	int nested, bounded, userns, pidns; /* what of ns matters here */
	const char *label;		    /* of new files, or NULL */
	mode_t above; /* what the operation gives missing directories */
};

/* Puts tree, a detached mount (what names it in messages), on dest. */
void view_place(struct view *v, int tree, const char *what, const char *dest);

/* A detached tmpfs; size 0 is the default.  Fatal when it cannot be had. */
int view_tmpfs(const struct view *v, mode_t perms, unsigned long size,
	       uint64_t attrs);

/* An empty writable directory, mounted on dest; a descriptor for it. */
int view_directory(struct view *v, const char *dest);

/* A copy of the host's src with attrs, on dest; fatal when it cannot. */
void view_bind(struct view *v, const char *src, const char *dest,
	       uint64_t attrs);

/* Replaces path, relative to dirfd inside, by an empty file or directory. */
void view_mask(struct view *v, int dirfd, const char *path);

/* Makes dest a symbolic link to target. */
void view_symlink(struct view *v, const char *target, const char *dest);

/* overlay.c: an overlay of op's layers on its dest. */
void view_overlay(struct view *v, const struct op *op);

/* special.c: --proc, --dev and --system. */
void view_proc(struct view *v, const char *dest);
void view_dev(struct view *v, const char *dest);
void view_system(struct view *v);

/* A message about a mount that failed, with the hint that fits; exits. */
_Noreturn void view_die(const char *what, const char *dest);

#endif
