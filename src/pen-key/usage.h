/*
 * usage: what an answer says of the tokens that it used.  Pure: the bytes are
 * another host's.  Streams say it more than once, and the greatest number
 * counts.
 */
#ifndef KEY_USAGE_H
#define KEY_USAGE_H

#include <stddef.h>
#include <stdint.h>

#define USAGE_NAMES 7

/* Begin with all zero. */
struct usage {
	uint64_t value[USAGE_NAMES];
	char name[32];
	uint8_t name_n, state;
	uint64_t number;
	int which;
};

void usage_scan(struct usage *u, const char *p, size_t n);

/* All tokens of the answer. */
uint64_t usage_tokens(const struct usage *u);

#endif
