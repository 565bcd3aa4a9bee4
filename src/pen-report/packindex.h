/*
 * packindex: git's files that say where an object is, as bytes: the index of a
 * pack, of version 2, and the chunks of a multi-pack-index or a commit-graph.
 * Anybody could have written them.  Pure.
 */
#ifndef REPORT_PACKINDEX_H
#define REPORT_PACKINDEX_H

#include <stddef.h>
#include <stdint.h>

uint32_t packindex_be32(const uint8_t *p);

/* How many objects the index p has; 0 and *count, or -1. */
int packindex_count(const uint8_t *p, size_t n, size_t id_n, size_t *count);

/* The id, in p, and the offset of object i, which there is.  NULL for none. */
const uint8_t *packindex_entry(const uint8_t *p, size_t n, size_t id_n,
			       size_t i, uint64_t *offset);

/* Where in its pack the object id is, by the index p.  0 and *offset; or -1. */
int packindex_find(const uint8_t *p, size_t n, const uint8_t *id, size_t id_n,
		   uint64_t *offset);

/*
 * The chunk called name of the file p, whose table of chunks begins at at and
 * has that many entries: its bytes, *size of them, or NULL.
 */
const uint8_t *packindex_chunk(const uint8_t *p, size_t n, size_t at,
			       size_t chunks, const char *name, size_t *size);

#endif
