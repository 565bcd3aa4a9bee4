/*
 * jsonkeys: the members of a JSON object (RFC 8259), and a text in which one of
 * them has another value and all else is as it was.
 *
 * The text is anybody's.  What could be taken in two ways (a name twice, a name
 * with an escape, anything that is no JSON) is refused.  Pure.
 */
#ifndef PEN_JSONKEYS_H
#define PEN_JSONKEYS_H

#include <stddef.h>

/* A member: spans of the text. */
struct jsonkey {
	const char *name; /* between its quotes */
	size_t name_n;
	const char *value; /* without blanks around it */
	size_t value_n;
};

struct jsonkeys {
	struct jsonkey *v;
	size_t n;
};

/*
 * Reads the object that the n bytes of text are.  The spans are of the text;
 * the caller frees k->v.  0, or -1 where it is none.
 */
int jsonkeys_parse(struct jsonkeys *k, const char *text, size_t n);

/* The member of that name, or NULL. */
const struct jsonkey *jsonkeys_find(const struct jsonkeys *k, const char *name,
				    size_t n);

/* Whether two values are the same but for blanks; NULL is a missing one. */
int jsonkeys_equal(const struct jsonkey *a, const struct jsonkey *b);

/*
 * The object text in which the member called name (n bytes) has the value of
 * key, or is missing if key is NULL; the caller frees it.  NULL where text is
 * no object.  An empty text is an object without members.
 */
char *jsonkeys_set(const char *text, const char *name, size_t n,
		   const struct jsonkey *key);

#endif
