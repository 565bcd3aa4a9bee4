#include "pen-sni/events.h"

#include <stddef.h>

#include "lib/err.h"

/* So long events may be lost before nothing is let through any more. */
#define UNLOGGED_MS 5000

/*
 * Writing to the log has failed.  The program inside may be why: what it does
 * is not to stay unseen, so the network is closed until it can be logged.
 */
static void
retry_log(struct timer *t)
{
	struct events *v =
	    (struct events *)((char *)t - offsetof(struct events, retry));
	int64_t failing = log_retry(&v->log, v->loop->now);

	if (failing == 0) {
		v->closed = 0;
		return;
	}
	loop_timer(v->loop, t, TIMER_TICK);
	if (failing < UNLOGGED_MS || v->closed)
		return;
	v->closed = 1;
	err_warn("nothing is let through until the log can be written");
	v->shut(v->arg);
}

static void
sum_up_flood(struct timer *t)
{
	struct events *v =
	    (struct events *)((char *)t - offsetof(struct events, flood));

	log_flood(&v->log, v->loop->now);
}

void
events_init(struct events *v, struct loop *loop,
	    void (*seen)(void *arg, const struct event *e),
	    void (*shut)(void *arg), void *arg)
{
	v->loop = loop;
	v->flood.fire = sum_up_flood;
	v->retry.fire = retry_log;
	v->seen = seen;
	v->shut = shut;
	v->arg = arg;
}

void
events_add(struct events *v, const struct event *e)
{
	v->seen(v->arg, e);
	log_event(&v->log, v->loop->now, e);
	if (v->log.dropped.events && !v->flood.next)
		loop_timer(v->loop, &v->flood, TIMER_HELLO);
	if (v->log.failing_since && !v->retry.next)
		loop_timer(v->loop, &v->retry, TIMER_TICK);
}

void
events_close(struct events *v)
{
	log_close(&v->log, v->loop->now);
}
