/* rate: a token bucket.  Pure. */
#ifndef SNI_RATE_H
#define SNI_RATE_H

#include <stdint.h>

struct rate {
	unsigned burst;	   /* tokens in a full bucket */
	unsigned every_ms; /* one more after each of these */
	unsigned tokens;
	int64_t filled; /* when tokens was right, in ms */
};

/* A full bucket. */
void rate_init(struct rate *r, unsigned burst, unsigned every_ms);

/* Takes a token at the time now (ms, monotonic).  0, or -1 when empty. */
int rate_take(struct rate *r, int64_t now);

#endif
