/*
 * splice: the data path between two connected sockets.
 *
 * Theory of operation.  Each direction is a flow: bytes go from the readable
 * socket into a pipe and from the pipe into the writable one by splice(2), so
 * they are not copied to user space.  A pipe belongs to a flow only while
 * bytes are in it; an idle connection costs its struct and its two sockets.
 * There are so many pipes for all; a flow that gets none is starved, and tries
 * again a moment later.
 * The pipe is filled only when it is empty.  So splice's EAGAIN on the way in
 * always means that there is nothing to read, never that the pipe is full; and
 * a socket that does not take its bytes stops the other from being read after
 * one pipeful: that is the back-pressure.
 *
 * The end of one direction (read gives 0, and the pipe is empty) is passed on
 * by shutdown(SHUT_WR); the other direction goes on.  An error on either socket
 * ends both, and is passed on as a reset, so that a truncated transfer never
 * looks like a whole one.
 *
 * A stream that is looked at to its end (plain HTTP) is copied on the client's
 * side instead: a judge says how many of the bytes in user space may go.
 *
 * Each socket is put into the epoll once, edge-triggered: what is ready is
 * remembered until a read says EAGAIN, and a hangup that nobody can act on yet
 * is not reported for ever.  Most connections never wait for room to write, so
 * EPOLLOUT is added when one first does.  Whoever stops before EAGAIN, because
 * others want their turn, has the loop say it again.
 *
 * An end that is there already when the last bytes are (EPOLLRDHUP) goes on in
 * one segment with them: MSG_MORE holds them back until the shutdown.
 */
#ifndef PEN_SPLICE_H
#define PEN_SPLICE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/loop.h"

enum { CLIENT, SERVER };

#define PIPES_KEPT 16

/* Empty pipes to be used again, and how many there are in all. */
struct pipes {
	int fd[PIPES_KEPT][2];
	uint8_t small[PIPES_KEPT];
	size_t n, open, max;
	size_t size, large; /* asked for while no more than large are open */
};

/* There is one of these for each idle connection: they are packed. */
struct flow {
	int pipe[2];	/* while inflight > 0 */
	uint64_t bytes; /* delivered */
	uint32_t inflight;
	unsigned small : 1; /* the pipe is, and may become larger */
	unsigned eof : 1, shut : 1;
	unsigned ready : 1;  /* there may be bytes */
	unsigned spent : 1;  /* it was to send more than its allowance */
	unsigned ending : 1; /* behind them is the end or an error, no EAGAIN */
};

/* Whoever looks at all the bytes of the client. */
struct look {
	/*
	 * How many of the n bytes at p may go; the rest is shown again with
	 * more behind it.  -1: none, and that is the end.
	 */
	ssize_t (*judge)(struct look *l, const uint8_t *p, size_t n);
	/* Nothing more is read of that side, until the server's answer has been
	 * looked at. */
	int hold[2];
};

struct splice {
	struct pipes *pipes;
	struct source side[2];
	struct flow flow[2]; /* flow[i] reads from side[i] */
	struct look *look;   /* NULL: the client's bytes are not looked at */
	uint8_t *early;	     /* the client's bytes in user space; owned */
	uint32_t early_room, early_n;
	uint32_t early_at, early_ok; /* sent so far; may be sent */
	int starved;		     /* a pipe was not to be had: pump again */
	/* What the client may still send, of it and others; NULL: all. */
	uint64_t *allowance;
};

/* What a source waits for that belongs to a splice. */
#define SPLICE_EVENTS (EPOLLIN | EPOLLRDHUP | EPOLLET)

enum splice_state {
	SPLICE_OPEN,
	SPLICE_HALF, /* one direction has ended */
	SPLICE_DONE, /* both have */
	SPLICE_FAILED
};

/* Remembers what the loop reported of that side. */
void splice_ready(struct splice *s, int side, uint32_t events);

/*
 * Moves what can be moved and sets what the loop waits for.  To be called once
 * both sockets are there, and whenever one of them is ready.
 */
enum splice_state splice_pump(struct loop *l, struct splice *s);

/*
 * Reads more of the client's bytes to early, as recv(2) returns; those that
 * were sent make room.
 */
ssize_t splice_read_early(struct splice *s);

/*
 * For a socket, or one that listens for those whose bytes are passed on: they
 * go at once.  Of the congestion controls Reno is always there, and a host's
 * default may be one that paces (BBR), by a timer for each few segments: near,
 * without a network in between, there is nothing to be gentle with.
 */
void splice_tune(int fd, int near);

/* Closes both sockets (with a reset if asked) and frees what s owns. */
void splice_close(struct loop *l, struct splice *s, int reset);

#endif
