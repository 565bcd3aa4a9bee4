#include "pen-sni/refusals.h"

#include <stdio.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"

static struct refusal *
find_refusal(struct refusals *t, const char *name, unsigned port)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].port == port && strcmp(t->v[i].name, name) == 0)
			return &t->v[i];
	return NULL;
}

static int
is_earlier(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec
				      : a->tv_nsec < b->tv_nsec;
}

/* A free place, or that of the one that was seen longest ago. */
static struct refusal *
place_for_refusal(struct refusals *t)
{
	struct refusal *oldest;

	if (!t->v)
		t->v = mem_grow(NULL, REFUSALS_MAX, sizeof(*t->v));
	if (t->n < REFUSALS_MAX)
		return &t->v[t->n++];
	oldest = t->v;
	for (size_t i = 1; i < t->n; i++)
		if (is_earlier(&t->v[i].last, &oldest->last))
			oldest = &t->v[i];
	return oldest;
}

void
refusals_add(struct refusals *t, const char *name, size_t len, unsigned port,
	     const char *why, const char *allow, const struct timespec *now)
{
	char seen[sizeof(t->v->name)];
	struct refusal *r;

	err_visible(seen, sizeof(seen), name, len);
	r = find_refusal(t, seen, port);
	if (!r) {
		r = place_for_refusal(t);
		*r = (struct refusal){.port = port, .first = *now};
		memcpy(r->name, seen, sizeof(seen));
	}
	r->last = *now;
	r->count++;
	t->total++;
	snprintf(r->why, sizeof(r->why), "%s", why ? why : "");
	snprintf(r->allow, sizeof(r->allow), "%s", allow ? allow : "");
}
