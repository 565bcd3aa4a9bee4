/* view_words: the view as options of pen-ns. */
#ifndef PEN_VIEW_WORDS_H
#define PEN_VIEW_WORDS_H

#include "pen/view.h"

/*
 * Appends the options to words; shown gets the same for a reader, with paths
 * where words has descriptors.  Protects what was added read-only below
 * something writable, too, and says where the drafts that are left will be.
 */
void view_words(struct view *v, struct strv *words, struct strv *shown);

#endif
