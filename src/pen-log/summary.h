/* summary: what was refused, counted by name and port, and what allows it. */
#ifndef LOG_SUMMARY_H
#define LOG_SUMMARY_H

#include <jansson.h>

struct summary {
	struct refusal *v;
	size_t n, room;
};

/* Takes in an event of the log; only refusals are looked at. */
void summary_add(struct summary *s, const json_t *event);

/* The same for what an audit let through, and its section alone. */
void summary_add_audited(struct summary *s, const json_t *event);
void summary_print_audited(struct summary *s);

/*
 * Prints a table, the most frequent first and so many that are not in the log
 * last, and the section for pen.conf.
 */
void summary_print(struct summary *s, unsigned long long uncounted);

#endif
