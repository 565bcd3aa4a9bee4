/*
 * members: looks through a JSON body as it passes, and finds members that are
 * not to.  Pure, and of a fixed size: the bytes are a hostile program's.
 *
 * What a server could read in another way than this does is refused: anything
 * but UTF-8 that begins with "{", comments, control bytes, strings without an
 * end.  Names are compared as the most lenient of servers does: escapes
 * decoded, small letters, without "_".
 */
#ifndef KEY_MEMBERS_H
#define KEY_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "pen-key/api.h"

#define MEMBERS_DEPTH 96
#define MEMBERS_NAME 24

struct members_level {
	char name[MEMBERS_NAME]; /* of the member whose value is read */
	uint8_t is_array;
};

struct members {
	const struct api *api;
	const char *why; /* static text, once one was found */
	struct members_level level[MEMBERS_DEPTH];
	char text[MEMBERS_NAME * 2]; /* of the string or word that is read */
	uint8_t text_n, over;	     /* it is longer */
	uint8_t depth, state, escape, hex, free_at;
	uint16_t code;
};

void members_init(struct members *m, const struct api *api);

/* The next n bytes.  0, or -1 for good: see why. */
int members_scan(struct members *m, const uint8_t *p, size_t n);

/* Whether all of a body was read: 0, or -1, see why. */
int members_end(struct members *m);

#endif
