/* request: what is said to the control socket (lib/control.h).  Pure. */
#ifndef SNI_REQUEST_H
#define SNI_REQUEST_H

#include <stddef.h>

#include "lib/rule.h"

/* The longest lifetime, in seconds. */
#define REQUEST_SECONDS_MAX (24 * 60 * 60)

/* Of what a budget is raised by. */
#define REQUEST_RAISE_MAX 32

enum request_verb {
	REQUEST_STATUS,
	REQUEST_DENIED,
	REQUEST_RULES,
	REQUEST_ALLOW,
	REQUEST_DENY,
	REQUEST_UNDO,
	REQUEST_EVENTS,
	REQUEST_STOP,
	REQUEST_ASK,
	REQUEST_ANSWER,
	REQUEST_PORTS,
	REQUEST_PUBLISH,
	REQUEST_REACH,
	REQUEST_UNPUBLISH,
	REQUEST_UNREACH,
	REQUEST_BUDGET,
	REQUEST_RAISE,
	REQUEST_VERBS
};

enum request_answer { REQUEST_LASTING, REQUEST_ONCE, REQUEST_DENY_IT };

struct request {
	enum request_verb verb;
	unsigned long id; /* of a question */
	enum request_answer answer;
	unsigned seconds; /* of a lifetime; 0: the session's */
	/* or ports, or a name; printable, but not checked */
	char rule[RULE_TEXT];
	char raise[REQUEST_RAISE_MAX + 1]; /* KIND=+NUMBER, the same */
};

/*
 * Parses the n bytes of a message.  NULL, or a static text that says what is
 * wrong; *r is then as it was.
 */
const char *request_parse(const char *text, size_t n, struct request *r);

#endif
