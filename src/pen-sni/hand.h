/*
 * hand: names whose plain HTTP another process of the chain serves: pen-key,
 * which has the credential of an API.  Nothing else of such a name is reached.
 */
#ifndef SNI_HAND_H
#define SNI_HAND_H

#include "pen-sni/events.h"
#include "pen-sni/policy.h"
#include "pen-sni/said.h"

/* The port that is handed over. */
#define HAND_PORT 80

#define HANDS_MAX 12

struct hand {
	struct source src; /* fd -1: nobody serves it */
	struct hands *of;
	const char *name;
	unsigned long asked, answered; /* about the budget */
	struct said budget;	       /* the latest answer */
};

struct hands {
	struct hand v[HANDS_MAX];
	size_t n;
	struct loop *loop;
	struct events *events;
	/* Called for each answer; why says what could not be done, or NULL. */
	void (*told)(void *arg, struct hand *h, const char *why);
	void *arg;
};

/*
 * Takes PEN_KEYS, "NAME=FD,NAME=-", out of the environment, and the names away
 * from every rule.  Fatal where it says something else.
 */
void hand_init(struct hands *h, struct policy *p);

/* The descriptors that are to be kept, or -1; and that they have moved. */
void hand_fds(const struct hands *h, int fds[HANDS_MAX]);
void hand_moved(struct hands *h, int first);

/* From now on each request that is served is logged. */
void hand_start(struct hands *h, struct loop *loop, struct events *events);

/* Who serves name, or NULL. */
struct hand *hand_find(struct hands *h, const char *name);

/* Hands fd over, which stays the caller's.  0, or -1. */
int hand_give(struct hand *h, int fd);

/*
 * Asks h "budget" or "raise KIND=+NUMBER": told is called.  0, or -1: nobody
 * will answer.
 */
int hand_ask(struct hand *h, const char *text);

#endif
