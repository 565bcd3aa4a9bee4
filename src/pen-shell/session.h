/*
 * session: the pen's control socket (lib/control.h), by descriptors that the
 * leader hands over; what was refused, is asked, and what else was decided.
 */
#ifndef SHELL_SESSION_H
#define SHELL_SESSION_H

#include <stddef.h>

#define SESSION_NAMES 32
#define SESSION_LINES 100
#define SESSION_QUESTIONS 32 /* as many as pen-sni has at a time */

struct session {
	int ask;       /* requests and their replies, or -1 */
	int events;    /* the log as it is written, or -1 */
	int questions; /* what is asked, or -1 */

	/* allow rules of the last refusals, to complete; the newest last */
	char names[SESSION_NAMES][288];
	size_t names_n;
	/* the last decisions, for people; a ring */
	struct session_line {
		char text[512];
	} lines[SESSION_LINES];
	size_t lines_n; /* since the start */
	char news[320];	   /* what is to be told, or "" */
	unsigned refusals; /* since somebody looked */

	/* connections wait for an answer to these; the oldest first */
	struct session_question {
		unsigned long id; /* never 0 */
		char rule[288];
	} open[SESSION_QUESTIONS];
	size_t open_n;
	unsigned long shown; /* the one that a line answers, or 0 */
	char over[320];	     /* what became of it, or "" */
};

void session_init(struct session *s);

/* Takes over a connection: for requests, then for events, then questions. */
void session_connect(struct session *s, int fd);

/* Reads what has come on s->events and s->questions. */
void session_read(struct session *s);

/*
 * Asks for something, and calls each for every object of the reply.  NULL, or
 * a text that says why not, valid until the next call.
 */
const char *session_ask(struct session *s, const char *request,
			void (*each)(const char *object, void *arg),
			void *arg);

#endif
