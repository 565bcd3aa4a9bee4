/* overlay: what an overlay of the project holds back, a file each. */
#ifndef REVIEW_OVERLAY_H
#define REVIEW_OVERLAY_H

#include <jansson.h>

#include "lib/bases.h"
#include "lib/mem.h"
#include "lib/upper.h"
#include "pen-review/project.h"

/* A text that is compared or joined; of a larger file it is said only that it
 * differs. */
#define HELD_TEXT_MAX ((size_t)4 << 20)

struct held {
	char *path;  /* of the host, absolute */
	char *shown; /* as it is shown */
	char *rel;   /* in the overlay's directory: "tN/up/…" */
	size_t tree;
	const char *below; /* in the tree: the end of rel */
	enum upper_kind kind;
	struct stat st; /* of the overlay's, or of what is removed */
	const char *by; /* who obeys it, or NULL */
	int chosen;	/* by a word */
	int conflict;	/* the host's was changed since, or may have been */
};

struct overlay {
	const struct project *p;
	char *name;
	int dir;	   /* its directory, open */
	struct strv roots; /* of its trees, absolute */
	struct held *v;	   /* sorted: removals first, from the inside out */
	size_t n;
	int cut;  /* some of it could not be read */
	int used; /* a pen has it: nothing may be taken out of it */
	struct bases bases;
	int less; /* of the bases than are written */
	json_t *by;
};

/* The names of the project's overlays. */
void overlay_names(const struct project *p, struct strv *names);

/*
 * Reads the overlay of that name; with lock no pen gets it from here to the
 * end, or o->used says that one has it.  0, or -1 where there is none.
 */
int overlay_read(struct overlay *o, const struct project *p, const char *name,
		 int lock);

/*
 * Whether h is a new object of git's: it is no change of anything by itself,
 * and others may need it as soon as the host has it.
 */
int overlay_is_object(const struct held *h);

/*
 * The text of the overlay's file ("up"), or the host's that it was made from
 * ("base"), *n bytes with a NUL behind; the caller frees it.  NULL with errno.
 */
char *overlay_text(const struct overlay *o, const struct held *h,
		   const char *whose, size_t *n);

/*
 * Makes the n bytes, which the host has now, what h is compared with: a part of
 * it was applied.  0, or -1 with errno.
 */
int overlay_rebase(struct overlay *o, const struct held *h, const char *text,
		   size_t n);

/* h is in the overlay no more, and what the host has is no base of it. */
void overlay_forget(struct overlay *o, const struct held *h);

/*
 * The file of bases in the directory of an overlay, read and written.  0, or
 * -1 with errno.
 */
int overlay_read_bases(int dir, struct bases *b);
int overlay_write_bases(int dir, struct bases *b);

#endif
