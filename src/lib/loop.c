#include "lib/loop.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"

static const int durations[] = {
    [TIMER_TICK] = 250,
    [TIMER_HELLO] = 10 * 1000,
    [TIMER_DIAL] = 30 * 1000,
    [TIMER_ASK] = 60 * 1000,
    [TIMER_HALF] = 10 * 60 * 1000,
    [TIMER_IDLE] = 4 * 60 * 60 * 1000,
};
static_assert(sizeof(durations) / sizeof(*durations) == TIMER_CLASSES,
	      "a duration each");

static int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
loop_init(struct loop *l)
{
	*l = (struct loop){.epoll = epoll_create1(EPOLL_CLOEXEC)};
	if (l->epoll < 0)
		die(ERR_TOOL, "cannot create an epoll: %m");
	l->now = clock_ms();
	for (int i = 0; i < TIMER_CLASSES; i++)
		l->queues[i].prev = l->queues[i].next = &l->queues[i];
}

/* Takes s out of the batch that is being handled. */
static void
drop_from_batch(struct loop *l, const struct source *s)
{
	for (int i = l->batch_at; i < l->batch_n; i++)
		if (l->batch[i].data.ptr == s)
			l->batch[i].data.ptr = NULL;
}

int
loop_watch(struct loop *l, struct source *s, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.ptr = s};
	int op = events == 0	  ? EPOLL_CTL_DEL
		 : s->events == 0 ? EPOLL_CTL_ADD
				  : EPOLL_CTL_MOD;

	if (events == s->events)
		return 0;
	/* whoever is not watched may be gone next, and its descriptor, which a
	 * library closes, may be gone already */
	if (events == 0)
		drop_from_batch(l, s);
	if (epoll_ctl(l->epoll, op, s->fd, &e) < 0 && events != 0)
		return -1;
	s->events = events;
	return 0;
}

int
loop_again(struct loop *l, struct source *s)
{
	struct epoll_event e = {.events = s->events, .data.ptr = s};

	return epoll_ctl(l->epoll, EPOLL_CTL_MOD, s->fd, &e);
}

int
loop_move(struct loop *l, struct source *from, struct source *to,
	  uint32_t events)
{
	drop_from_batch(l, from);
	to->fd = from->fd;
	to->events = events;
	*from = (struct source){.fd = -1};
	return loop_again(l, to);
}

void
loop_close(struct loop *l, struct source *s)
{
	if (s->fd < 0)
		return;
	if (s->events & EPOLLET)
		drop_from_batch(l, s);
	else
		loop_watch(l, s, 0);
	s->events = 0;
	close(s->fd);
	s->fd = -1;
}

void
loop_timer(struct loop *l, struct timer *t, enum timer_class class)
{
	struct timer *q = &l->queues[class];

	loop_untimer(t);
	t->when = l->now + durations[class];
	t->prev = q->prev;
	t->next = q;
	q->prev->next = t;
	q->prev = t;
}

void
loop_untimer(struct timer *t)
{
	if (!t->next)
		return;
	t->prev->next = t->next;
	t->next->prev = t->prev;
	t->prev = t->next = NULL;
}

/* Milliseconds until the first timer, -1 when none is set. */
static int
next_timer(const struct loop *l)
{
	int64_t first = -1;

	for (int i = 0; i < TIMER_CLASSES; i++) {
		const struct timer *t = l->queues[i].next;
		int64_t left;

		if (t == &l->queues[i])
			continue;
		left = t->when > l->now ? t->when - l->now : 0;
		if (first < 0 || left < first)
			first = left;
	}
	return (int)first;
}

static void
fire_timers(struct loop *l)
{
	for (int i = 0; i < TIMER_CLASSES; i++) {
		struct timer *t;

		while ((t = l->queues[i].next) != &l->queues[i] &&
		       t->when <= l->now) {
			loop_untimer(t);
			t->fire(t);
		}
	}
}

void
loop_run(struct loop *l)
{
	while (!l->stop) {
		l->now = clock_ms();
		fire_timers(l);
		if (l->stop)
			break;
		l->batch_n = epoll_wait(l->epoll, l->batch, 64, next_timer(l));
		if (l->batch_n < 0 && errno != EINTR)
			die(ERR_TOOL, "cannot wait for events: %m");
		l->now = clock_ms();
		for (l->batch_at = 0; l->batch_at < l->batch_n;) {
			struct epoll_event *e = &l->batch[l->batch_at++];
			struct source *s = e->data.ptr;

			if (s)
				s->ready(s, e->events);
		}
		l->batch_n = 0;
	}
}
