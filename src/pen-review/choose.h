/* choose: which drafts, and which files of overlays, the words name. */
#ifndef REVIEW_CHOOSE_H
#define REVIEW_CHOOSE_H

#include "pen-review/drafts.h"
#include "pen-review/overlay.h"

/* A draft that a word names, and the key of it, or NULL. */
struct chosen {
	struct draft *draft;
	const char *key;
};

struct chosen_held {
	struct overlay *o;
	struct held *h;
};

struct choice {
	struct drafts *d;
	struct overlay *o; /* n_o of them */
	size_t n_o;
	struct chosen *v;
	size_t n;
	struct chosen_held *held;
	size_t nheld;
};

/*
 * Chooses what each of the words names, of the drafts and of the overlays.  One
 * that names nothing is fatal.
 */
void choose_words(struct choice *c, char **words);

/* Chooses each draft that is not its agent's own, those set aside if asides. */
void choose_drafts(struct choice *c, int asides);

/* Chooses all that overlays hold. */
void choose_overlays(struct choice *c);

#endif
