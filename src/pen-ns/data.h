/* data: files of the run's own, which are mounted where they belong. */
#ifndef PEN_NS_DATA_H
#define PEN_NS_DATA_H

#include "pen-ns/view.h"

/* Copies what can be read from one descriptor to another; dest is for errors.
 */
void data_copy(int from, int to, const char *dest);

/* Binds a file with what op's descriptor holds on op's dest. */
void data_bind(struct view *v, const struct op *op);

/* Binds a copy of the file op's dest on it, read-only. */
void data_bind_copy(struct view *v, const struct op *op);

/* Covers path, relative to dirfd inside, by an empty file or directory. */
void data_mask(const struct view *v, int dirfd, const char *path);

#endif
