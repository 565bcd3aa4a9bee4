/*
 * etc: the files that pen writes for a run in place of the host's.  /etc is the
 * host's but for them.
 */
#ifndef PEN_ETC_H
#define PEN_ETC_H

#include "pen/compose.h"
#include "pen/settings.h"
#include "pen/view.h"

struct etc {
	struct compose_data *v; /* without descriptors */
	size_t n;
};

/* Whether the host's path is not what is seen inside, although /etc is shown.
 */
int etc_makes(const char *path);

/* Hides what speaks of other people: their lines in copies and in subuid(5). */
void etc_cover(struct view *v);

/*
 * Appends a file with this text, but where the user has path shown; own: the
 * run may change it.
 */
void etc_add(struct etc *e, const struct view *v, const char *path,
	     const char *text, int own);

/* Makes those of /etc. */
void etc_make(struct etc *e, const struct settings *s, const struct view *v);

#endif
