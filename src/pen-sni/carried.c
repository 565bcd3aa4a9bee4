#include "pen-sni/carried.h"

#include <string.h>

static int
ranges_overlap(unsigned a, unsigned b, unsigned a_n, unsigned b_n)
{
	return a < b + b_n && b < a + a_n;
}

/* Why the ports cannot be there beside what is, or NULL. */
static const char *
find_conflict(const struct carried *c, int reach, const struct ports *p)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct carried_port *o = &c->v[i];

		if (reach == o->reach &&
		    ranges_overlap(p->host, o->p.host, p->n, o->p.n))
			return reach ? "the port is reached already"
				     : "the host's port is published already";
		if (reach != o->reach &&
		    ranges_overlap(p->inside, o->p.inside, p->n, o->p.n))
			return reach ? "the port is published: inside it is "
				       "the program's"
				     : "the port is reached: inside it is the "
				       "host's";
	}
	return NULL;
}

const char *
carried_add(struct carried *c, int reach, const char *text, const void *by)
{
	struct carried_port new = {.reach = reach, .by = by};
	const char *why = ports_parse(text, !reach, &new.p);

	if (!why && strlen(text) >= sizeof(new.text))
		why = "it is too long";
	if (!why)
		why = find_conflict(c, reach, &new.p);
	if (!why && c->n == CARRIED_MAX)
		why = "the session carries too many ports";
	if (why)
		return why;
	strncpy(new.text, text, sizeof(new.text) - 1);
	c->v[c->n++] = new;
	return NULL;
}

const struct carried_port *
carried_find(const struct carried *c, int reach, const char *text)
{
	struct ports p;

	if (ports_parse(text, !reach, &p))
		return NULL;
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].reach == reach && c->v[i].p.host == p.host &&
		    c->v[i].p.inside == p.inside && c->v[i].p.n == p.n)
			return &c->v[i];
	return NULL;
}

const struct carried_port *
carried_of(const struct carried *c, const void *by)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].by == by)
			return &c->v[i];
	return NULL;
}

void
carried_drop(struct carried *c, const struct carried_port *port)
{
	size_t i = (size_t)(port - c->v);

	memmove(&c->v[i], &c->v[i + 1], (--c->n - i) * sizeof(*c->v));
}
