#include "pen-sni/fakeip.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

/* What a page with many hosts under one wildcard needs at once, and then. */
#define FRESH_BURST 128
#define FRESH_EVERY_MS 1000

static_assert(FAKEIP_MAX < UINT16_MAX, "numbers + 1 fit in a slot");
static_assert(FAKEIP_FIRST + FAKEIP_MAX < 0xc6140000u, "all in 198.18.0.0/15");

void
fakeip_init(struct fakeips *t)
{
	memset(t, 0, sizeof(*t));
	rate_init(&t->fresh, FRESH_BURST, FRESH_EVERY_MS);
}

/* FNV-1a.  Names that collide on purpose cost FAKEIP_MAX comparisons. */
static size_t
find_slot(const struct fakeips *t, const char *s)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (const char *c = s; *c; c++)
		h = (h ^ (uint8_t)*c) * 16777619u;
	i = h % t->slots;
	while (t->slot[i] && strcmp(t->v[t->slot[i] - 1]->text, s) != 0)
		i = (i + 1) % t->slots;
	return i;
}

/* At least half of the slots are free. */
static void
make_room(struct fakeips *t)
{
	if ((t->n + 1) * 2 <= t->slots)
		return;
	free(t->slot);
	t->slots = t->slots ? t->slots * 2 : 256;
	t->slot = mem_alloc(t->slots * sizeof(*t->slot));
	for (size_t i = 0; i < t->n; i++)
		t->slot[find_slot(t, t->v[i]->text)] = (uint16_t)(i + 1);
}

int
fakeip_number(struct fakeips *t, const char *name, int wildcard, int64_t now,
	      int *fresh)
{
	size_t n = strlen(name) + 1, slot;
	struct fakeip_name *made;

	make_room(t);
	slot = find_slot(t, name);
	*fresh = 0;
	if (t->slot[slot])
		return t->slot[slot] - 1;
	if (t->n == FAKEIP_MAX || (wildcard && (t->wild == FAKEIP_WILD_MAX ||
						rate_take(&t->fresh, now) < 0)))
		return -1;
	made = mem_alloc(sizeof(*made) + n);
	memcpy(made->text, name, n);
	t->v = mem_room(t->v, t->n, sizeof(*t->v));
	t->v[t->n++] = made;
	t->wild += wildcard != 0;
	t->slot[slot] = (uint16_t)t->n;
	*fresh = 1;
	return (int)t->n - 1;
}

const char *
fakeip_at(const struct fakeips *t, uint32_t address)
{
	if (address < FAKEIP_FIRST || address - FAKEIP_FIRST >= t->n)
		return NULL;
	return t->v[address - FAKEIP_FIRST]->text;
}

const char *
fakeip_text(const struct fakeips *t, int number)
{
	return t->v[number]->text;
}

struct fakeip_name *
fakeip_name(const char *text)
{
	return (struct fakeip_name *)(text -
				      offsetof(struct fakeip_name, text));
}
