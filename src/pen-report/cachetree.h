/*
 * cachetree: the trees that git's index says its entries make.  git status and
 * git commit believe that.  Pure.
 */
#ifndef REPORT_CACHETREE_H
#define REPORT_CACHETREE_H

#include <stddef.h>
#include <stdint.h>

struct cachetree_entry {
	const char *path;
	const uint8_t *id;
	unsigned mode;
};

/*
 * Whether the n bytes at p, an extension "TREE" of an index with these entries,
 * in its order and with ids of id_n bytes, say of no directory that it is a
 * tree which its entries do not make.
 */
int cachetree_is_true(const uint8_t *p, size_t n, size_t id_n,
		      const struct cachetree_entry *v, size_t count);

#endif
