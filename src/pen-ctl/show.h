/* show: replies of sessions for people; what is in them is made visible. */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include <jansson.h>

/* For show_refusal and show_rule: how to say it, and how many there were. */
struct show_list {
	int spoken; /* at the console, in words; else in columns */
	unsigned n;
};

/* A line for each; a head says what is in the columns. */
void show_session_head(void);
void show_session(const json_t *status);
void show_refusal(void *list, const json_t *refusal);
void show_rule(void *list, const json_t *rule);

/* All that is known, a line each. */
void show_status(const json_t *status);

/* As it came, on one line; arg is not looked at. */
void show_json(void *arg, const json_t *object);

#endif
