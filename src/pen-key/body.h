/*
 * body: looks through a request's body before it goes on, decoded where it is
 * zstd; the API gets it as it came.
 */
#ifndef KEY_BODY_H
#define KEY_BODY_H

#include "pen-key/members.h"

/* Bodies in zstd at a time: each has a window of 2 MiB. */
#define BODY_ZSTD_MAX 16

struct body {
	struct members members;
	void *zstd; /* NULL: it is not encoded */
	int at_end; /* of a frame */
	const char *why;
};

/* 0, or -1, see why. */
int body_begin(struct body *b, const struct api *api, int zstd);

/* The next n bytes.  0, or -1 for good. */
int body_scan(struct body *b, const void *p, size_t n);

/* Whether all of it was read: 0, or -1. */
int body_end(struct body *b);

void body_free(struct body *b);

#endif
