/*
 * objects: the objects of a repository, each checked against its name: git
 * itself does not do that, nor does it leave out what refs/replace says.
 */
#ifndef REPORT_OBJECTS_H
#define REPORT_OBJECTS_H

#include <sys/types.h>

#include "pen-report/object.h"

/* Deltas on deltas; git itself makes 50, or 4095 if it is told to. */
#define OBJECTS_DEPTH 256

/* An object of more bytes is taken for one that is not there. */
#define OBJECTS_MAX ((size_t)64 << 20)

/* Packs that are looked into. */
#define OBJECTS_PACKS 256

/* Directories of objects: the repository's own, and those that it borrows. */
#define OBJECTS_DIRS 8

struct objects {
	int dirs[OBJECTS_DIRS];
	size_t ndirs;
	size_t id_n; /* 20 or 32 */
	struct pack {
		int fd;
		uint8_t *index; /* mapped */
		size_t index_n;
	} packs[OBJECTS_PACKS];
	size_t npacks;
};

/* Opens the directory objects below common.  0, or -1 with errno. */
int objects_open(struct objects *o, int common, size_t id_n);
void objects_close(struct objects *o);

/*
 * The content of the object id if it is of that type, and has that name; the
 * caller frees it.  NULL where it is not so.
 */
uint8_t *objects_read(const struct objects *o, const uint8_t *id,
		      enum object_type type, size_t *n);

/*
 * Inflates the size bytes that begin at offset of fd; the caller frees them.
 * NULL where there are more, or fewer.
 */
uint8_t *objects_inflate(int fd, off_t offset, size_t size);

/* Maps the index fd of a pack, and closes fd.  NULL where it is none. */
uint8_t *objects_map(int fd, size_t *n);

#endif
