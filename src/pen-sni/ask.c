/*
 * A question is about a rule, not about a connection: a program that opens ten
 * connections to one host asks once.  What is denied, or not answered in time,
 * becomes a live rule that denies it, for the session or for a minute: what is
 * inside must not wear down who answers, nor hang at every try.
 */
#include "pen-sni/ask.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "pen-sni/live.h"

/* How long what was not answered is not asked again. */
#define SILENCE_SECONDS 60

struct held {
	struct held *prev, *next;
	struct question *q;
	ask_fn *fn;
	void *arg;
};

struct question {
	struct question *next;
	struct ask *of;
	struct timer timer;
	unsigned long id;
	struct rule wish;
	int again; /* a rule allows it; its limit is used up */
	char text[RULE_TEXT];
	struct held *held;
};

int
ask_possible(const struct ask *a)
{
	return a->audit || (a->asks && a->audience.count &&
			    a->audience.count(a->audience.arg) > 0);
}

static struct question *
find_question(const struct ask *a, unsigned long id)
{
	struct question *q = a->questions;

	while (q && q->id != id)
		q = q->next;
	return q;
}

static void
describe_question(const struct question *q, struct line *l)
{
	line_text(l, "kind", "ask", 0);
	line_number(l, "id", q->id);
	line_text(l, "name", q->wish.name, 0);
	line_number(l, "port", q->wish.port);
	line_text(l, "rule", q->text, 0);
	if (q->again)
		line_text(l, "why", "its limit is used up", 0);
	line_number(l, "seconds",
		    (unsigned long long)(q->timer.when - q->of->loop->now) /
			1000);
}

/* Takes q out; its connections are told, and so are those who were asked. */
static void
settle_question(struct question *q, const struct allow *rule,
		const char *verdict)
{
	struct ask *a = q->of;
	struct question **at = &a->questions;
	struct line l = {.n = 0};
	struct held *h;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	a->n--;
	loop_untimer(&q->timer);
	line_text(&l, "kind", "answered", 0);
	line_number(&l, "id", q->id);
	line_text(&l, "verdict", verdict, 0);
	line_text(&l, "rule", q->text, 0);
	line_end(&l);
	a->audience.tell(a->audience.arg, &l);
	while ((h = q->held)) {
		q->held = h->next;
		if (q->held)
			q->held->prev = NULL;
		a->held--;
		h->fn(h->arg, rule);
		free(h);
	}
	free(q);
}

static void
log_answer(struct question *q, const char *verdict, const char *why)
{
	events_add(q->of->events, &(struct event){.kind = "control",
						  .verdict = verdict,
						  .always = 1,
						  .rule = q->text,
						  .why = why});
}

static void
question_expired(struct timer *t)
{
	struct question *q =
	    (struct question *)((char *)t - offsetof(struct question, timer));

	log_answer(q, "deny", "asked, and not answered in time");
	live_deny(q->of->policy, q->text, SILENCE_SECONDS);
	settle_question(q, NULL, "expired");
}

/* The open question about text, or a new one. */
static struct question *
open_question(struct ask *a, const struct rule *wish, const char *text,
	      int again)
{
	struct question **at = &a->questions, *q;
	struct line l = {.n = 0};

	for (; *at; at = &(*at)->next)
		if (strcmp((*at)->text, text) == 0)
			return *at;
	if (a->n == ASK_QUESTIONS)
		return NULL;
	q = mem_alloc(sizeof(*q));
	*q = (struct question){.of = a,
			       .id = ++a->last_id,
			       .wish = *wish,
			       .again = again,
			       .timer.fire = question_expired};
	memcpy(q->text, text, RULE_TEXT);
	*at = q;
	a->n++;
	loop_timer(a->loop, &q->timer, TIMER_ASK);
	describe_question(q, &l);
	line_end(&l);
	a->audience.tell(a->audience.arg, &l);
	return q;
}

struct held *
ask_hold(struct ask *a, const struct rule *wish, int again, ask_fn *fn,
	 void *arg)
{
	char text[RULE_TEXT] = "";
	struct question *q;
	struct held *h;

	if (!ask_possible(a) || !policy_may_allow(a->policy, wish))
		return NULL;
	rule_format(wish, text, sizeof(text));
	if (a->held == ASK_HELD || !(q = open_question(a, wish, text, again)))
		return NULL;
	h = mem_alloc(sizeof(*h));
	*h = (struct held){.next = q->held, .q = q, .fn = fn, .arg = arg};
	if (q->held)
		q->held->prev = h;
	q->held = h;
	a->held++;
	return h;
}

void
ask_forget(struct held *h)
{
	h->q->of->held--;
	if (h->prev)
		h->prev->next = h->next;
	else
		h->q->held = h->next;
	if (h->next)
		h->next->prev = h->prev;
	free(h);
}

const char *
ask_answer(struct ask *a, unsigned long id, enum ask_answer answer,
	   unsigned seconds)
{
	struct question *q = find_question(a, id);
	const struct allow *rule = NULL;
	const char *why;

	if (!q)
		return "there is no such question, or no longer";
	if (answer == ASK_DENY) {
		why = live_deny(a->policy, q->text, seconds);
	} else {
		why = live_allow(a->policy, q->text, seconds);
		rule = &a->policy->allow[a->policy->allows - 1];
	}
	if (why)
		return why;
	/* once: it allows those that wait, and is no rule for others */
	if (answer == ASK_ONCE)
		live_undo(a->policy, q->text);
	log_answer(q, rule ? "allow" : "deny",
		   answer == ASK_ONCE ? "asked: once" : "asked");
	settle_question(q, rule, rule ? "allow" : "deny");
	return NULL;
}

void
ask_review(struct ask *a)
{
	struct question *q = a->questions, *next;

	for (; q; q = next) {
		const struct allow *rule =
		    q->again
			? NULL
			: policy_find(a->policy, q->wish.name, q->wish.port,
				      1u << q->wish.proto, NULL);
		const struct deny *by =
		    policy_denied(a->policy, q->wish.name, q->wish.port);

		next = q->next;
		if (rule || by)
			settle_question(q, rule, rule ? "allow" : "deny");
	}
}

int
ask_describe(const struct ask *a, size_t i, struct line *l)
{
	const struct question *q = a->questions;

	while (q && i-- > 0)
		q = q->next;
	if (!q)
		return -1;
	describe_question(q, l);
	return 0;
}

void
ask_end_all(struct ask *a)
{
	while (a->questions)
		settle_question(a->questions, NULL, "deny");
}
