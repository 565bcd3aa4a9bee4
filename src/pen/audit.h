/* audit: the chain as a child, and what it needed when it is over. */
#ifndef PEN_AUDIT_H
#define PEN_AUDIT_H

struct audit {
	char *const *chain;	   /* it inherits the descriptor inside */
	char *const *collector;	   /* pen-policy --collect, inherits outside */
	int inside, outside;	   /* the two ends of a socket */
	const char *log, *pen_log; /* pen_log is the program, absolute */
};

/* Makes the socket, both ends close-on-exec. */
void audit_prepare(struct audit *a);

/*
 * Runs the chain, waits for its end, prints what the log says was let through
 * and what the filter refused, and ends as the chain did.
 */
_Noreturn void audit_run(const struct audit *a);

#endif
