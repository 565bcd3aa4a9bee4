/* said: what pen-key says of its requests and of what it may spend.  Pure. */
#ifndef SNI_SAID_H
#define SNI_SAID_H

#include <stdint.h>

#define SAID_WORD 600

/* As src/pen-key/budget.h has them. */
enum said_budget { SAID_REQUESTS, SAID_UP, SAID_TOKENS, SAID_BUDGETS };
extern const char *const said_budgets[SAID_BUDGETS];

enum said_kind {
	SAID_REQUEST, /* METHOD PATH STATUS UP DOWN TOKENS [WHY] */
	SAID_LOST,    /* "lost" and how many events were */
	SAID_SPENT,   /* "spent" and why: a budget is used up */
	SAID_FAILED,  /* "failed" and why: pen-key has ended */
	SAID_BUDGET,  /* "budget" PER and, by kind, USED LIMIT: an answer */
	SAID_NO	      /* "no" and why: the other answer */
};

struct said {
	enum said_kind kind;
	char method[8], path[SAID_WORD];
	unsigned status;
	uint64_t up, down, tokens;
	unsigned long lost;
	char per[16]; /* "run", or the day */
	uint64_t used[SAID_BUDGETS], limit[SAID_BUDGETS];
	const char *why; /* in the text, or NULL */
};

/* Parses a message; 0, or -1. */
int said_parse(const char *text, struct said *s);

#endif
