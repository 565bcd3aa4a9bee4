/*
 * tree: the sections of a pen.conf as libconfuse has them, and what one says
 * that another does not.
 */
#ifndef PEN_TREE_H
#define PEN_TREE_H

#include <confuse.h>

#include "pen/section.h"
#include "pen/settings.h"

/*
 * The first element of every list before the file is read: "=" drops it, "+="
 * keeps it, and that is how the two are told apart afterwards.
 */
#define CONF_INHERITED "\001"

/* An element of a list or a value, and the variables that are in it. */
struct conf_made {
	const char *text, *name;
};

/* The i-th section of its kind ends in that line. */
struct conf_end {
	enum section_kind kind;
	int i, line;
};

struct conf {
	const char *path;
	cfg_t *cfg;
	/* libconfuse copies none of these */
	cfg_opt_t keys[SET_KEYS + 3]; /* and those of 0.1.0 */
	cfg_opt_t host[2], group[2];
	cfg_opt_t top[SECTION_KINDS + 2]; /* with the last line's */
	struct conf_made *made;
	size_t made_n;
	struct conf_end *ends;
	size_t ends_n;
};

/* The line in which the section ends, or 0: there is none. */
int tree_end_line(const struct conf *c, const struct section *place);

/* Whether the list key of the section has value. */
int tree_has_value(const struct conf *c, const struct section *place,
		   enum settings_key key, const char *value);

/*
 * Whether more says what less says, and value in the list key of the section
 * beside it, and nothing else.  The section may be missing in less.
 */
int tree_adds_value(const struct conf *less, const struct conf *more,
		    const struct section *place, enum settings_key key,
		    const char *value);

#endif
