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
#include "pen-sni/control.h"
#include "pen-sni/line.h"
#include "pen-sni/live.h"
#include "pen-sni/proxy.h"

#define TEXT 288

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
	struct proxy *p;
	struct timer timer;
	unsigned long id;
	struct rule wish;
	char text[TEXT];
	struct held *held;
};

struct ask {
	struct question *questions; /* the oldest first */
	size_t n, held;
	unsigned long last_id;
};

int
ask_possible(const struct proxy *p)
{
	return p->audit || (p->asks && p->control &&
			    control_listeners(p->control) > 0);
}

const struct allow *
ask_audit(struct proxy *p, const struct rule *wish)
{
	char text[TEXT] = "";

	rule_format(wish, text, sizeof(text));
	if (live_allow(&p->policy, text, 0))
		return NULL;
	proxy_event(p, &(struct event){.kind = "audit",
				       .verdict = "allowed",
				       .always = 1,
				       .name = wish->name,
				       .port = wish->port,
				       .rule = text});
	return &p->policy.allow[p->policy.allows - 1];
}

static struct question *
find(const struct proxy *p, unsigned long id)
{
	struct question *q = p->ask ? p->ask->questions : NULL;

	while (q && q->id != id)
		q = q->next;
	return q;
}

static void
describe(const struct question *q, struct line *l)
{
	line_text(l, "kind", "ask", 0);
	line_number(l, "id", q->id);
	line_text(l, "name", q->wish.name, 0);
	line_number(l, "port", q->wish.port);
	line_text(l, "rule", q->text, 0);
	line_number(l, "seconds",
		    (unsigned long long)(q->timer.when - q->p->loop.now) /
			1000);
}

/* Takes q out; its connections are told, and so are those who were asked. */
static void
settle(struct question *q, const struct allow *rule, const char *verdict)
{
	struct ask *a = q->p->ask;
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
	control_tell(q->p->control, &l);
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
	proxy_event(q->p, &(struct event){.kind = "control",
					  .verdict = verdict,
					  .always = 1,
					  .rule = q->text,
					  .why = why});
}

static void
fired(struct timer *t)
{
	struct question *q =
	    (struct question *)((char *)t - offsetof(struct question, timer));

	log_answer(q, "deny", "asked, and not answered in time");
	live_deny(&q->p->policy, q->text, SILENCE_SECONDS);
	settle(q, NULL, "expired");
}

/* The open question about text, or a new one. */
static struct question *
question(struct proxy *p, const struct rule *wish, const char *text)
{
	struct ask *a = p->ask;
	struct question **at = &a->questions, *q;
	struct line l = {.n = 0};

	for (; *at; at = &(*at)->next)
		if (strcmp((*at)->text, text) == 0)
			return *at;
	if (a->n == ASK_QUESTIONS)
		return NULL;
	q = mem_alloc(sizeof(*q));
	*q = (struct question){
	    .p = p, .id = ++a->last_id, .wish = *wish, .timer.fire = fired};
	memcpy(q->text, text, TEXT);
	*at = q;
	a->n++;
	loop_timer(&p->loop, &q->timer, TIMER_ASK);
	describe(q, &l);
	line_end(&l);
	control_tell(p->control, &l);
	return q;
}

struct held *
ask_hold(struct proxy *p, const struct rule *wish, ask_fn *fn, void *arg)
{
	char text[TEXT] = "";
	struct question *q;
	struct held *h;

	if (!ask_possible(p))
		return NULL;
	if (!p->ask)
		p->ask = mem_alloc(sizeof(*p->ask));
	rule_format(wish, text, sizeof(text));
	if (p->ask->held == ASK_HELD || !(q = question(p, wish, text)))
		return NULL;
	h = mem_alloc(sizeof(*h));
	*h = (struct held){.next = q->held, .q = q, .fn = fn, .arg = arg};
	if (q->held)
		q->held->prev = h;
	q->held = h;
	p->ask->held++;
	return h;
}

void
ask_forget(struct held *h)
{
	h->q->p->ask->held--;
	if (h->prev)
		h->prev->next = h->next;
	else
		h->q->held = h->next;
	if (h->next)
		h->next->prev = h->prev;
	free(h);
}

const char *
ask_answer(struct proxy *p, unsigned long id, enum ask_answer answer,
	   unsigned seconds)
{
	struct question *q = find(p, id);
	const struct allow *rule = NULL;
	const char *why;

	if (!q)
		return "there is no such question, or no longer";
	if (answer == ASK_DENY) {
		why = live_deny(&p->policy, q->text, seconds);
	} else {
		why = live_allow(&p->policy, q->text, seconds);
		rule = &p->policy.allow[p->policy.allows - 1];
	}
	if (why)
		return why;
	/* once: it allows those that wait, and is no rule for others */
	if (answer == ASK_ONCE)
		live_undo(&p->policy, q->text);
	log_answer(q, rule ? "allow" : "deny",
		   answer == ASK_ONCE ? "asked: once" : "asked");
	settle(q, rule, rule ? "allow" : "deny");
	return NULL;
}

void
ask_review(struct proxy *p)
{
	struct question *q = p->ask ? p->ask->questions : NULL, *next;

	for (; q; q = next) {
		const struct allow *rule =
		    policy_find(&p->policy, q->wish.name, q->wish.port,
				1u << q->wish.proto, NULL);
		const struct deny *by =
		    policy_denied(&p->policy, q->wish.name, q->wish.port);

		next = q->next;
		if (rule || by)
			settle(q, rule, rule ? "allow" : "deny");
	}
}

int
ask_describe(const struct proxy *p, size_t i, struct line *l)
{
	const struct question *q = p->ask ? p->ask->questions : NULL;

	while (q && i-- > 0)
		q = q->next;
	if (!q)
		return -1;
	describe(q, l);
	return 0;
}

void
ask_end_all(struct proxy *p)
{
	while (p->ask && p->ask->questions)
		settle(p->ask->questions, NULL, "deny");
}
