/*
 * watch: what the console sees of the session while it is there: decisions as
 * they are made, and questions (lib/control.h).  Texts are made visible.
 */
#ifndef CTL_WATCH_H
#define CTL_WATCH_H

#include <stddef.h>

#include "lib/rule.h"
#include "pen-ctl/session.h"

#define WATCH_NAMES 32
#define WATCH_LINES 100
#define WATCH_QUESTIONS 32 /* as many as pen-sni has at a time */

struct watch {
	struct session events, questions; /* fd -1: not connected */

	/* allow rules of the last refusals, to complete; the newest last */
	char names[WATCH_NAMES][RULE_TEXT];
	size_t names_n;
	/* the last decisions, for people; a ring */
	struct watch_line {
		char text[512];
	} lines[WATCH_LINES];
	size_t lines_n;	   /* since the start */
	char news[320];	   /* what is to be told, or "" */
	unsigned refusals; /* since somebody looked */

	/* connections wait for an answer to these; the oldest first */
	struct watch_question {
		unsigned long id; /* never 0 */
		char rule[RULE_TEXT];
	} open[WATCH_QUESTIONS];
	size_t open_n;
	unsigned long shown; /* the one that a line answers, or 0 */
	char over[320];	     /* what became of it, or "" */
};

/* Connects to the session called name.  0, or -1: it is not up (yet). */
int watch_connect(struct watch *w, const char *name);

/* Reads what has come from the session. */
void watch_read(struct watch *w);

#endif
