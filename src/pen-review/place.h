/*
 * place: the directory of what can be undone.  What the last keep, drop or
 * apply has there stays until the next one has something to be undone.
 */
#ifndef REVIEW_PLACE_H
#define REVIEW_PLACE_H

#include "pen-review/project.h"

/* Makes a directory for the next one, which the caller closes; or -1. */
int place_make(const struct project *p);

/* The next one takes the place of the last, which is forgotten.  0, or -1. */
int place_take(const struct project *p);

/* The next one has nothing after all. */
void place_leave(const struct project *p);

/* Opens the last one's, which the caller closes; -1 where there is none. */
int place_open(const struct project *p);

/* Forgets the last one. */
void place_remove(const struct project *p);

#endif
