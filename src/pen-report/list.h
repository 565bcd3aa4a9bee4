/*
 * list: the directories of a tree and the names in them, as the walk of the
 * last end found them: what is missing now was removed, and a directory that
 * was elsewhere was moved.  In memory and in the file it is the same bytes:
 *
 *	D path NUL dev ino n (8 bytes each) and n bytes of names
 *	ino (8 bytes) type ('d', 'f' …) name NUL	a name
 */
#ifndef REPORT_LIST_H
#define REPORT_LIST_H

#include <stddef.h>
#include <stdint.h>

/* The file's first bytes. */
#define LIST_HEADER 11

/* Beyond this no list is kept. */
#define LIST_MAX ((size_t)256 << 20)

struct list_name {
	uint64_t ino;
	char type;
	const char *name;
};

struct list_dir {
	const char *path; /* absolute; "" for none */
	uint64_t dev, ino;
	const char *names;
	size_t n; /* bytes of names */
};

/* The directories of a list by their paths. */
struct list {
	char *text;
	struct list_dir *slots;
	size_t room, n;
};

/*
 * Takes over the text of n bytes, which is a file's that a previous run wrote.
 * 0, or -1 where it is not whole: then the list has nothing.
 */
int list_parse(struct list *l, char *text, size_t n);

/* The directory that was at path, or NULL. */
const struct list_dir *list_find(const struct list *l, const char *path);

/* The name at *at of a directory, which is moved on.  0 at the end. */
int list_next(const struct list_dir *d, size_t *at, struct list_name *name);

/* Bytes that grow. */
struct bytes {
	char *p;
	size_t n, room;
};

void list_add_bytes(struct bytes *b, const void *p, size_t n);
void list_add_name(struct bytes *b, uint64_t ino, char type, const char *name);
void list_add_dir(struct bytes *b, const char *path, uint64_t dev, uint64_t ino,
		  const struct bytes *names);

#endif
