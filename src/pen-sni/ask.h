/*
 * ask: connections to names that no rule speaks of wait, while the question
 * goes to whoever listens on the control socket.
 */
#ifndef SNI_ASK_H
#define SNI_ASK_H

#include <stddef.h>

#include "lib/loop.h"
#include "lib/rule.h"
#include "pen-sni/events.h"
#include "pen-sni/line.h"
#include "pen-sni/policy.h"

/* Questions that are open at a time, and connections that wait for them. */
#define ASK_QUESTIONS 32
#define ASK_HELD 256

/* How it was answered. */
enum ask_answer { ASK_ONCE, ASK_ALLOW, ASK_DENY };

struct held; /* a connection that waits */

/* The answer: the rule that now allows it, or NULL.  The held is gone then. */
typedef void ask_fn(void *arg, const struct allow *rule);

/* Who can be asked. */
struct audience {
	size_t (*count)(void *arg);
	void (*tell)(void *arg, const struct line *l);
	void *arg;
};

struct ask {
	struct loop *loop;
	struct policy *policy;
	struct events *events;
	int asks;		    /* about names that no rule speaks of */
	int audit;		    /* or lets them through */
	struct audience audience;   /* count NULL: there is none */
	struct question *questions; /* the oldest first */
	size_t n, held;
	unsigned long last_id;
};

/* Whether a name that no rule speaks of is not refused at once. */
int ask_possible(const struct ask *a);

/*
 * Asks whether wish is to be allowed; again, where a rule allows it already and
 * its limit is used up.  fn is called once, later; NULL, and fn
 * is not called, when nobody can be asked or too much is being asked.
 */
struct held *ask_hold(struct ask *a, const struct rule *wish, int again,
		      ask_fn *fn, void *arg);

/* The connection has ended: fn will not be called. */
void ask_forget(struct held *h);

/*
 * Answers the question id; seconds is the lifetime of ASK_ALLOW, 0: the
 * session's.  NULL, or a static text that says what is wrong.
 */
const char *ask_answer(struct ask *a, unsigned long id, enum ask_answer answer,
		       unsigned seconds);

/* The rules have changed: answers what they answer now. */
void ask_review(struct ask *a);

/* Describes the i-th open question in l.  0, or -1: there is none. */
int ask_describe(const struct ask *a, size_t i, struct line *l);

/* Ends all questions, by no. */
void ask_end_all(struct ask *a);

#endif
