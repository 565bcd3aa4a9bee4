/* budget: what a run may spend, or all runs of a day. */
#ifndef KEY_BUDGET_H
#define KEY_BUDGET_H

#include "pen-key/count.h"

struct budget {
	uint64_t limit[COUNT_KINDS]; /* 0: none */
	struct count count;	     /* the day's: as it was read last */
	uint64_t own;		     /* of count.held: this process' */
	uint64_t most;		     /* tokens that one has used */
	int per_day;
	int alone;		/* there is no pen whose user could raise it */
	struct count_file file; /* with per_day */
	char why[COUNT_KINDS][256];
	unsigned told; /* a bit for each kind: budget_tell has told of it */
};

/*
 * Takes "requests=500", "up=20M", "tokens=2M", "per=run" or "per=day".  0, or
 * -1.
 */
int budget_parse(struct budget *b, const char *text);

/*
 * Counts a request that begins, with a body of length bytes: -1 for an unknown
 * length, -2 for none.  Of the tokens what it may use is held back, and *held
 * is that; one that is alone may always begin.  NULL, or why it may not, with
 * the status of the answer.
 */
const char *budget_begin(struct budget *b, int64_t length, uint64_t *held,
			 int *status);

/* Counts n bytes of a body.  NULL, or why no more of it may be sent. */
const char *budget_send(struct budget *b, uint64_t n);

/* Counts the tokens that a request has used, and gives *held back. */
void budget_end(struct budget *b, uint64_t tokens, uint64_t *held);

/*
 * Whether why is of what does not change by itself, as that a budget is used
 * up, and is told for the first time.
 */
int budget_tell(struct budget *b, const char *why);

/* The longest of what is asked. */
#define BUDGET_ASK_MAX 64

/*
 * Answers "budget" with "budget PER USED LIMIT USED LIMIT USED LIMIT", by kind,
 * where PER is "run" or the day; "raise KIND=+NUMBER" with the same once it is
 * done; and what cannot be done with "no" and why.  Returns to.
 */
char *budget_answer(struct budget *b, const char *text, char *to, size_t size);

#endif
