/* similar: which of some names was meant by a word that is none of them. */
#ifndef PEN_SIMILAR_H
#define PEN_SIMILAR_H

#include <stddef.h>

#include "lib/opt.h"

/*
 * How many letters have to be added, dropped, changed or swapped with their
 * neighbour to make b of a; at most limit + 1, which stands for more.  Words of
 * more than 63 bytes are never similar.
 */
size_t similar_distance(const char *a, const char *b, size_t limit);

/*
 * Whether a user who typed word may have meant name: it is a slip away, one in
 * words of up to four letters and two in longer ones, or word is the beginning
 * of name, three letters at least.
 */
int similar_is(const char *word, const char *name);

/* The option that word, as it was typed, may mean; NULL for none. */
const struct opt *similar_option(const struct opt *opts, const char *word);

#endif
