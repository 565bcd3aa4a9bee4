/*
 * client: a connection from inside, and its requests one after the other.
 *
 * Bodies pass as they come: what is read from one side is what the other side
 * takes, so that neither is ever kept in memory.  Heads and chunks are made
 * anew on both sides.
 */
#ifndef KEY_CLIENT_H
#define KEY_CLIENT_H

#include "pen-key/budget.h"
#include "pen-key/judge.h"
#include "pen-key/report.h"
#include "pen-key/upstream.h"

/* Connections at a time. */
#define CLIENTS_MAX 256

struct clients {
	struct loop *loop;
	struct judge judge;
	struct budget *budget;
	struct upstream *upstream;
	struct report *report;
	struct client *first;
	size_t n;
	void (*room)(void *arg); /* called when there is room for another */
	void *arg;
};

/* Takes over fd, a connected socket. */
void client_start(struct clients *all, int fd);

void client_end_all(struct clients *all);

#endif
