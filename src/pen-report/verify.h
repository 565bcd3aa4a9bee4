/*
 * verify: whether git's files of objects say the truth: the content of each
 * object is what its name says, and what leads to it leads to that one.  git
 * itself believes them.
 */
#ifndef REPORT_VERIFY_H
#define REPORT_VERIFY_H

#include <stddef.h>
#include <stdint.h>

enum verified {
	VERIFY_GOOD,
	VERIFY_FORGED,
	VERIFY_UNKNOWN, /* it is too much, or cannot be read */
};

/* What may still be inflated and hashed; it counts down. */
struct verify {
	uint64_t bytes, objects;
};

/* The loose object path, "ab/cdef…", of the directory objects. */
enum verified verify_loose(struct verify *v, int objects, const char *path);

/* The pack and its index, "pack/pack-….", without what follows the dot. */
enum verified verify_pack(struct verify *v, int objects, const char *stem,
			  size_t id_n);

/* "pack/multi-pack-index": as the indexes of the packs say. */
enum verified verify_midx(struct verify *v, int objects);

/* A commit-graph in the directory objects of the repository common. */
enum verified verify_graph(struct verify *v, int common, int objects,
			   const char *path);

#endif
