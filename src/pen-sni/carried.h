/*
 * carried: the published and reached ports of the session.  Those of the start
 * are pen-net's, and only told of here; a later one is there for as long as a
 * connection to the control socket (pen-net --join).  Pure.
 */
#ifndef SNI_CARRIED_H
#define SNI_CARRIED_H

#include <stddef.h>

#include "lib/ports.h"

/* As much as pen-net takes for each direction, and as many later ones. */
#define CARRIED_MAX (4 * PORTS_MAX)
#define CARRIED_TEXT 32

struct carried_port {
	int reach; /* of the host's, reached inside; or published */
	char text[CARRIED_TEXT];
	struct ports p;
	const void *by; /* who keeps it there; NULL: the start */
};

struct carried {
	struct carried_port v[CARRIED_MAX];
	size_t n;
};

/*
 * Adds what text says, for as long as by says.  NULL, or a static text that
 * says what is wrong: then nothing is added.
 */
const char *carried_add(struct carried *c, int reach, const char *text,
			const void *by);

/* The one that text names, by the words that added it; NULL: there is none. */
const struct carried_port *carried_find(const struct carried *c, int reach,
					const char *text);

/* The one that by keeps there, or NULL. */
const struct carried_port *carried_of(const struct carried *c, const void *by);

/* Removes it. */
void carried_drop(struct carried *c, const struct carried_port *port);

#endif
