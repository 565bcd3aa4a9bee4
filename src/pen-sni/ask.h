/*
 * ask: connections to names that no rule speaks of wait, while the question
 * goes to whoever listens on the control socket.
 */
#ifndef SNI_ASK_H
#define SNI_ASK_H

#include <stddef.h>

#include "lib/rule.h"

struct proxy;
struct allow;
struct line;

/* Questions that are open at a time, and connections that wait for them. */
#define ASK_QUESTIONS 32
#define ASK_HELD 256

/* How it was answered. */
enum ask_answer { ASK_ONCE, ASK_ALLOW, ASK_DENY };

struct held; /* a connection that waits */

/* The answer: the rule that now allows it, or NULL.  The held is gone then. */
typedef void ask_fn(void *arg, const struct allow *rule);

/* Whether a name that no rule speaks of is not refused at once. */
int ask_possible(const struct proxy *p);

/* For an audit: allows wish, and logs that; NULL: it cannot. */
const struct allow *ask_audit(struct proxy *p, const struct rule *wish);

/*
 * Asks whether wish is to be allowed.  fn is called once, later; NULL, and fn
 * is not called, when nobody can be asked or too much is being asked.
 */
struct held *ask_hold(struct proxy *p, const struct rule *wish, ask_fn *fn,
		      void *arg);

/* The connection has ended: fn will not be called. */
void ask_forget(struct held *h);

/*
 * Answers the question id; seconds is the lifetime of ASK_ALLOW, 0: the
 * session's.  NULL, or a static text that says what is wrong.
 */
const char *ask_answer(struct proxy *p, unsigned long id,
		       enum ask_answer answer, unsigned seconds);

/* The rules have changed: answers what they answer now. */
void ask_review(struct proxy *p);

/* Describes the i-th open question in l.  0, or -1: there is none. */
int ask_describe(const struct proxy *p, size_t i, struct line *l);

/* Ends all questions, by no. */
void ask_end_all(struct proxy *p);

#endif
