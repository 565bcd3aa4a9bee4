/* budget: what a run may spend.  Pure. */
#ifndef KEY_BUDGET_H
#define KEY_BUDGET_H

#include <stdint.h>

enum budget_kind {
	BUDGET_REQUESTS,
	BUDGET_UP, /* bytes of bodies */
	BUDGET_TOKENS,
	BUDGET_KINDS
};

struct budget {
	uint64_t limit[BUDGET_KINDS]; /* 0: none */
	uint64_t used[BUDGET_KINDS];
	uint64_t held; /* tokens that the requests under way may use */
	uint64_t most; /* tokens that one has used */
};

/* Takes "requests=500", "up=20M" or "tokens=2M".  0, or -1. */
int budget_parse(struct budget *b, const char *text);

/*
 * Counts a request that begins, with a body of length bytes, negative for an
 * unknown length.  NULL, or why it may not, static.
 */
const char *budget_begin(struct budget *b, int64_t length);

/*
 * Holds back what a request may use of the tokens, until the caller takes *held
 * from b's again.  One that is alone may always begin.  NULL, or budget_busy.
 */
const char *budget_hold(struct budget *b, int64_t length, uint64_t *held);
extern const char budget_busy[];

/* Counts what a request has used. */
void budget_spend(struct budget *b, uint64_t tokens);

/* Counts n bytes of a body.  NULL, or why no more of it may be sent. */
const char *budget_send(struct budget *b, uint64_t n);

#endif
