/* list: what is held back, and the account of the last run, whole. */
#ifndef REVIEW_LIST_H
#define REVIEW_LIST_H

#include "pen-review/drafts.h"
#include "pen-review/overlay.h"

/* With the n overlays: a line each on standard output; or one JSON object. */
void list_print(const struct drafts *d, const struct overlay *o, size_t n);
void list_print_json(const struct drafts *d, const struct overlay *o, size_t n);

/* How much is held back, in a word for a prompt; nothing where nothing is. */
void list_print_prompt(const struct drafts *d);

#endif
