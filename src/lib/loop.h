/* loop: readiness and time for a process that stays, by one epoll. */
#ifndef PEN_LOOP_H
#define PEN_LOOP_H

#include <stdint.h>
#include <sys/epoll.h>

struct loop;

/* A descriptor that is waited for; part of the object that owns it. */
struct source {
	void (*ready)(struct source *s, uint32_t events);
	int fd;
	uint32_t events; /* what is waited for; 0 is not in the epoll at all */
};

/* All timers of a class last equally long, so each class is a queue. */
enum timer_class {
	TIMER_TICK,  /* 250 ms: the next address is tried; c-ares' clock */
	TIMER_HELLO, /* 10 s for a whole ClientHello or DNS query */
	TIMER_DIAL,  /* 30 s to resolve and connect */
	TIMER_ASK,   /* 60 s for an answer */
	TIMER_HALF,  /* 10 min of silence once one direction has ended */
	TIMER_IDLE,  /* 4 h of silence */
	TIMER_CLASSES
};

struct timer {
	struct timer *prev, *next; /* NULL when it is not set */
	int64_t when;
	void (*fire)(struct timer *t); /* unset when called */
};

struct loop {
	int epoll;
	int64_t now; /* ms, CLOCK_MONOTONIC, at the last wakeup */
	int stop;    /* set it and loop_run returns */
	struct timer queues[TIMER_CLASSES];
	struct epoll_event batch[64];
	int batch_at, batch_n;
};

/* Fatal when there is no epoll. */
void loop_init(struct loop *l);

/*
 * Waits for events (EPOLLIN, EPOLLOUT) on s from now on; 0 forgets it, events
 * that were already reported included, so that s may be freed.  0, or -1 with
 * errno.
 */
int loop_watch(struct loop *l, struct source *s, uint32_t events);

/* Reports once more what s waits for and is there already. */
int loop_again(struct loop *l, struct source *s);

/* to waits for events from now on, on the descriptor that was from's. */
int loop_move(struct loop *l, struct source *from, struct source *to,
	      uint32_t events);

/*
 * loop_watch(l, s, 0), then closes s->fd and makes it -1.  One that waits by
 * EPOLLET has to be nobody else's: its close alone takes it out of the epoll.
 */
void loop_close(struct loop *l, struct source *s);

/* Sets t, whose fire is given, anew. */
void loop_timer(struct loop *l, struct timer *t, enum timer_class class);

/* Unsets t, if it is set. */
void loop_untimer(struct timer *t);

/* Runs until l->stop. */
void loop_run(struct loop *l);

#endif
