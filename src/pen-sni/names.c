#include "pen-sni/names.h"

#include <assert.h>
#include <string.h>

#include "lib/mem.h"

/* What a page with many hosts under one wildcard needs at once, and then. */
#define FRESH_BURST 128
#define FRESH_EVERY_MS 1000

static_assert(NAMES_MAX < UINT16_MAX, "numbers + 1 fit in a slot");
static_assert(NAMES_FIRST + NAMES_MAX < 0xc6140000u, "all in 198.18.0.0/15");

void
names_init(struct names *t)
{
	memset(t, 0, sizeof(*t));
	rate_init(&t->fresh, FRESH_BURST, FRESH_EVERY_MS);
}

/* FNV-1a.  Names that collide on purpose cost NAMES_MAX comparisons. */
static size_t
hash(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	return h % NAMES_SLOTS;
}

int
names_number(struct names *t, const char *name, int wildcard, int64_t now,
	     int *fresh)
{
	size_t i = hash(name);

	*fresh = 0;
	for (; t->slot[i]; i = (i + 1) % NAMES_SLOTS)
		if (strcmp(t->text[t->slot[i] - 1], name) == 0)
			return t->slot[i] - 1;
	if (t->n == NAMES_MAX || (wildcard && rate_take(&t->fresh, now) < 0))
		return -1;
	t->text = mem_grow(t->text, t->n + 1, sizeof(*t->text));
	t->text[t->n++] = mem_copy(name);
	t->slot[i] = (uint16_t)t->n;
	*fresh = 1;
	return (int)t->n - 1;
}

const char *
names_at(const struct names *t, uint32_t address)
{
	if (address < NAMES_FIRST || address - NAMES_FIRST >= t->n)
		return NULL;
	return t->text[address - NAMES_FIRST];
}
