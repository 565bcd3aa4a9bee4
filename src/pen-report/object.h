/*
 * object: git's objects as bytes: headers, commits, trees and deltas.  Anybody
 * could have written them.  Pure.
 */
#ifndef REPORT_OBJECT_H
#define REPORT_OBJECT_H

#include <stddef.h>
#include <stdint.h>

/* The longest name of an object: SHA-256. */
#define OBJECT_ID_MAX 32

/* By their numbers in a pack. */
enum object_type {
	OBJECT_COMMIT = 1,
	OBJECT_TREE = 2,
	OBJECT_BLOB = 3,
	OBJECT_TAG = 4,
	OBJECT_OFFSET_DELTA = 6,
	OBJECT_ID_DELTA = 7
};

/*
 * "commit 123" and a NUL at p: writes the type and the size, and returns the
 * length of the header; 0 where it is none.
 */
size_t object_header(const uint8_t *p, size_t n, enum object_type *type,
		     size_t *size);

/*
 * The id, of id_n bytes, of the tree of the commit p, and of its first parent:
 * *parents is 0 where it has none.  0, or -1.
 */
int object_commit(const uint8_t *p, size_t n, size_t id_n, uint8_t *tree,
		  uint8_t *parent, int *parents);

/*
 * The entry called name, of name_n bytes, of the tree p: its id, in p, and its
 * mode.  NULL where there is none, or the tree is not in order.
 */
const uint8_t *object_entry(const uint8_t *p, size_t n, size_t id_n,
			    const char *name, size_t name_n, unsigned *mode);

/*
 * The entry of the tree p at *at, which is moved on: its name, in p, and mode.
 * 0 at the end, or where the tree is not in order.
 */
int object_next(const uint8_t *p, size_t n, size_t id_n, size_t *at,
		const char **name, unsigned *mode);

/*
 * The result of the delta p on base; the caller frees it.  NULL where it does
 * not fit, or is of more than max bytes.
 */
uint8_t *object_patch(const uint8_t *p, size_t n, const uint8_t *base,
		      size_t base_n, size_t max, size_t *out_n);

/*
 * The head of an entry of a pack: type and size, and for OBJECT_OFFSET_DELTA
 * how far before it its base is.  Its length; 0 where it is none.
 */
size_t object_pack_head(const uint8_t *p, size_t n, enum object_type *type,
			size_t *size, uint64_t *back);

/* 40 or 64 hexadecimal digits at text, as bytes; their number, or 0. */
size_t object_id(const char *text, uint8_t *id);

/* Whether the n bytes at p, an object of that type, have the name id. */
int object_is_named(const uint8_t *id, size_t id_n, enum object_type type,
		    const uint8_t *p, size_t n);

#endif
