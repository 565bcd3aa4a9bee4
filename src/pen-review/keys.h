/*
 * keys: a draft of a file that is decided key by key, and one key of it.  Pure.
 */
#ifndef REVIEW_KEYS_H
#define REVIEW_KEYS_H

#include <stddef.h>

/* What is held of a file; the texts are the caller's. */
struct keys_one {
	char *name;
	char *old, *value; /* what the host had, and the draft has; or NULL */
	int own;	   /* its agent's own, and nothing to decide */
};

struct keys {
	struct keys_one *v;
	size_t n;
};

/*
 * What differs between the host's text that a draft was made from and the
 * draft, by the rules that its note names ("gitconfig", or an agent's).  0, and
 * the caller calls keys_free; or -1 where one of them is not understood.
 */
int keys_read(struct keys *k, const char *rules, const char *base,
	      const char *draft);
void keys_free(struct keys *k);

/*
 * The text in which the key called name is as it is in from, or missing as it
 * is there; the caller frees it.  NULL where one of them is not understood.
 */
char *keys_take(const char *rules, const char *text, const char *from,
		const char *name);

#endif
