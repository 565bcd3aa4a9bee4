/*
 * gitkeys: the variables of a git configuration file, and a text in which one
 * of them has another value.
 *
 * The text is anybody's.  It is read more strictly than git reads it: what
 * could be taken in two ways is refused, and the file is then one thing.  Pure.
 */
#ifndef PEN_GITKEYS_H
#define PEN_GITKEYS_H

#include <stddef.h>

struct gitkey {
	char *section, *name; /* in lower case */
	char *sub;	      /* the subsection, or NULL */
	char *value;	      /* NULL where there is no "=" */
	size_t begin, end;    /* its lines in the text */
	int on_header;	      /* it begins on the line of its header */
};

struct gitkeys {
	struct gitkey *v;
	size_t n;
};

/*
 * Reads the n bytes of text, which has a NUL behind it.  0, and the caller
 * calls gitkeys_free; or -1 where it is not understood.
 */
int gitkeys_parse(struct gitkeys *k, const char *text, size_t n);
void gitkeys_free(struct gitkeys *k);

/* Whether two variables have the same name, and sub. */
int gitkeys_same(const struct gitkey *a, const struct gitkey *b);

/*
 * Whether key has the same values, in the same order, in a and b.
 */
int gitkeys_equal(const struct gitkeys *a, const struct gitkeys *b,
		  const struct gitkey *key);

/*
 * The text in which key has the values that it has in from, and nothing else is
 * changed; the caller frees it.  NULL where text is not understood, or a value
 * cannot be written.
 */
char *gitkeys_take(const char *text, const struct gitkeys *from,
		   const struct gitkey *key);

/* "section.sub.name" as git names it; the caller frees it. */
char *gitkeys_name(const struct gitkey *key);

#endif
