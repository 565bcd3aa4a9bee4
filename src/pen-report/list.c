#include "pen-report/list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define HEADER "pen-list 1\n"
static_assert(sizeof(HEADER) - 1 == LIST_HEADER, "as list.h says");
#define NUMBER sizeof(uint64_t)

void
list_add_bytes(struct bytes *b, const void *p, size_t n)
{
	if (b->room - b->n < n) {
		b->room = (b->room + n) * 2;
		b->p = mem_grow(b->p, b->room, 1);
	}
	if (n > 0) /* of nothing there may be no address */
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

void
list_add_name(struct bytes *b, uint64_t ino, char type, const char *name)
{
	list_add_bytes(b, &ino, NUMBER);
	list_add_bytes(b, &type, 1);
	list_add_bytes(b, name, strlen(name) + 1);
}

void
list_add_dir(struct bytes *b, const char *path, uint64_t dev, uint64_t ino,
	     const struct bytes *names)
{
	uint64_t numbers[3] = {dev, ino, names->n};

	if (b->n == 0)
		list_add_bytes(b, HEADER, strlen(HEADER));
	list_add_bytes(b, path, strlen(path) + 1);
	list_add_bytes(b, numbers, sizeof(numbers));
	list_add_bytes(b, names->p, names->n);
}

static size_t
hash_path(const char *path)
{
	uint64_t h = 0xcbf29ce484222325;

	while (*path)
		h = (h ^ (unsigned char)*path++) * 0x100000001b3;
	return (size_t)(h ^ h >> 32);
}

/* The slot of path: its own, or the free one where it would be. */
static struct list_dir *
find_slot(const struct list *l, const char *path)
{
	size_t i = hash_path(path) & (l->room - 1);

	while (l->slots[i].path && strcmp(l->slots[i].path, path) != 0)
		i = (i + 1) & (l->room - 1);
	return &l->slots[i];
}

static void
make_room(struct list *l)
{
	struct list old = *l;

	if (l->room > 0 && l->n < l->room / 2)
		return;
	l->room = l->room ? l->room * 2 : 1024;
	l->slots = mem_alloc(l->room * sizeof(*l->slots));
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].path)
			*find_slot(l, old.slots[i].path) = old.slots[i];
	free(old.slots);
}

/* The directory at *p, which is moved on.  0, or -1. */
static int
take_dir(struct list *l, const char **p, const char *end)
{
	const char *nul = memchr(*p, '\0', (size_t)(end - *p));
	struct list_dir d = {.path = *p}, *slot;
	uint64_t numbers[3];

	if (!nul || *d.path != '/' || (size_t)(end - nul - 1) < sizeof(numbers))
		return -1;
	memcpy(numbers, nul + 1, sizeof(numbers));
	d.dev = numbers[0];
	d.ino = numbers[1];
	d.names = nul + 1 + sizeof(numbers);
	d.n = (size_t)numbers[2];
	if (d.n > (size_t)(end - d.names) ||
	    (d.n > 0 && d.names[d.n - 1] != '\0'))
		return -1;
	make_room(l);
	slot = find_slot(l, d.path);
	l->n += !slot->path;
	*slot = d;
	*p = d.names + d.n;
	return 0;
}

int
list_parse(struct list *l, char *text, size_t n)
{
	const char *p = text + strlen(HEADER), *end = text + n;

	*l = (struct list){.text = text};
	if (n < strlen(HEADER) || memcmp(text, HEADER, strlen(HEADER)) != 0)
		return -1;
	while (p < end)
		if (take_dir(l, &p, end) < 0) {
			free(l->slots);
			*l = (struct list){.text = text};
			return -1;
		}
	return 0;
}

const struct list_dir *
list_find(const struct list *l, const char *path)
{
	const struct list_dir *d = l->n ? find_slot(l, path) : NULL;

	return d && d->path ? d : NULL;
}

int
list_next(const struct list_dir *d, size_t *at, struct list_name *name)
{
	const char *p = d->names + *at;

	if (d->n - *at < NUMBER + 2)
		return 0;
	memcpy(&name->ino, p, NUMBER);
	name->type = p[NUMBER];
	name->name = p + NUMBER + 1;
	*at += NUMBER + 1 + strlen(name->name) + 1;
	return *at <= d->n;
}
