/* draft: private versions of the host's files. */
#ifndef PEN_NS_DRAFT_H
#define PEN_NS_DRAFT_H

#include "pen-ns/view.h"

/* --draft-tree, from which the drafts that follow are taken. */
void draft_add_tree(struct view *v, const struct op *op);

/* --draft and --draft-link */
void draft_place(struct view *v, const struct op *op);
void draft_place_link(struct view *v, const struct op *op);

/*
 * When the view is done: makes the drafts' layer unreachable inside.  Returns
 * the layer's root, or -1 where there is no draft.
 */
int draft_finish(struct view *v);

#endif
