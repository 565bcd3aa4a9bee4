/*
 * edit: changes a list of pen.conf and nothing else: not a comment, not a
 * blank.  Where a section ends, and whether the changed text says what it is
 * meant to say, is libconfuse's to tell.
 */
#ifndef PEN_EDIT_H
#define PEN_EDIT_H

#include "pen/conf.h"

/* One --edit. */
struct edit {
	int remove;	       /* or add */
	enum settings_key key; /* a list */
	const char *value;
};

/*
 * The text, which is that of the file path, with the line "key += {"value"}"
 * at the end of the section, which is added to the text if it is missing; or
 * without the line that was added so: one that somebody wrote otherwise stays.
 * The caller frees it.  NULL: nothing is to be changed.  Fatal if the text is
 * not right, or value and title cannot be quoted.
 */
char *edit_text(const char *path, const char *text, const struct section *place,
		const struct edit *e);

/*
 * Makes the changes in the file, which is replaced whole, keeps its mode, and
 * is made if there is none.  A link to it stays one.  Returns whether something
 * was changed.  Fatal on failure.
 */
int edit_file(const char *path, const struct section *place,
	      const struct edit *edits, size_t n);

#endif
