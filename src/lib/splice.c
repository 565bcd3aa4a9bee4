#include "lib/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"

/* Pipefuls for one readiness: a busy connection is not the only one. */
#define ROUNDS 8

/*
 * A pipe that is made while others are many, or while this user's pipes have
 * all the pages that they may have, is a small one until that is over.
 */
static int
get_pipe(struct pipes *p, struct flow *f)
{
	if (p->n > 0) {
		p->n--;
		f->pipe[0] = p->fd[p->n][0];
		f->pipe[1] = p->fd[p->n][1];
		f->small = p->small[p->n];
	} else if (p->open >= p->max ||
		   pipe2(f->pipe, O_NONBLOCK | O_CLOEXEC) < 0) {
		return -1;
	} else {
		p->open++;
		f->small = 1;
	}
	if (f->small && p->open <= p->large)
		f->small = fcntl(f->pipe[1], F_SETPIPE_SZ, (int)p->size) < 0;
	return 0;
}

static void
close_pipe(struct pipes *p, const int fd[2])
{
	close(fd[0]);
	close(fd[1]);
	p->open--;
}

static void
put_pipe(struct pipes *p, const struct flow *f)
{
	if (p->n == PIPES_KEPT) {
		close_pipe(p, f->pipe);
		return;
	}
	p->fd[p->n][0] = f->pipe[0];
	p->fd[p->n][1] = f->pipe[1];
	p->small[p->n++] = f->small;
}

void
splice_ready(struct splice *s, int side, uint32_t events)
{
	struct flow *f = &s->flow[side];

	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		f->ending = f->ready = 1;
	if (events & EPOLLIN)
		f->ready = 1;
}

/*
 * After a read that failed: 0 when there is nothing now, otherwise -1.
 */
static int
after_failed_read(struct flow *f)
{
	if (errno == EAGAIN)
		f->ready = 0;
	return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

/* From the socket into an empty pipe.  1 on progress, 0 when not, -1. */
static int
fill_pipe(struct splice *s, int from)
{
	struct flow *f = &s->flow[from];
	ssize_t n;

	if (get_pipe(s->pipes, f) < 0) {
		s->starved = 1;
		return 0;
	}
	n = splice(s->side[from].fd, NULL, f->pipe[1], NULL, s->pipes->size,
		   SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	if (n <= 0)
		put_pipe(s->pipes, f);
	if (n < 0)
		return after_failed_read(f);
	if (n == 0)
		f->eof = 1;
	f->inflight = (uint32_t)n;
	return n > 0;
}

/* Of n bytes of that side's, those that may be sent; 0: none any more. */
static size_t
count_allowed(struct splice *s, int from, size_t n)
{
	if (from != CLIENT || !s->allowance || *s->allowance >= n)
		return n;
	s->flow[CLIENT].spent = *s->allowance == 0;
	return (size_t)*s->allowance;
}

static void
count_sent(struct splice *s, int from, size_t n)
{
	s->flow[from].bytes += n;
	if (from == CLIENT && s->allowance)
		*s->allowance -= n;
}

/* From the pipe into the other socket.  1 when the pipe is empty, 0, -1. */
static int
drain_pipe(struct splice *s, int from)
{
	struct flow *f = &s->flow[from];
	ssize_t n;

	while (f->inflight > 0) {
		size_t most = count_allowed(s, from, f->inflight);

		if (most == 0)
			return -1;
		n = splice(f->pipe[0], NULL, s->side[!from].fd, NULL, most,
			   SPLICE_F_NONBLOCK | SPLICE_F_MOVE |
			       (f->ending ? SPLICE_F_MORE : 0));
		if (n <= 0)
			return n < 0 && (errno == EAGAIN || errno == EINTR)
				   ? 0
				   : -1;
		f->inflight -= (uint32_t)n;
		count_sent(s, from, (size_t)n);
	}
	put_pipe(s->pipes, f);
	return 1;
}

static void
free_early(struct splice *s)
{
	free(s->early);
	s->early = NULL;
	s->early_room = s->early_n = s->early_at = s->early_ok = 0;
}

ssize_t
splice_read_early(struct splice *s)
{
	ssize_t n;

	if (s->early_at > 0) {
		s->early_n -= s->early_at;
		s->early_ok -= s->early_at;
		memmove(s->early, s->early + s->early_at, s->early_n);
		s->early_at = 0;
	}
	if (s->early_n == s->early_room) {
		s->early_room = s->early_room ? s->early_room * 2 : 4096;
		s->early = mem_grow(s->early, s->early_room, 1);
	}
	n = recv(s->side[CLIENT].fd, s->early + s->early_n,
		 s->early_room - s->early_n, MSG_DONTWAIT);
	if (n > 0)
		s->early_n += (uint32_t)n;
	return n;
}

/* Sends what may go.  1 when all of it has gone, 0, -1. */
static int
send_early(struct splice *s)
{
	while (s->early_at < s->early_ok) {
		size_t most =
		    count_allowed(s, CLIENT, s->early_ok - s->early_at);
		ssize_t n;

		if (most == 0)
			return -1;
		n = send(s->side[SERVER].fd, s->early + s->early_at, most,
			 MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		s->early_at += (uint32_t)n;
		count_sent(s, CLIENT, (size_t)n);
	}
	if (s->early_at == s->early_n)
		free_early(s);
	return 1;
}

/* Asks about the bytes that were not judged.  0, or -1. */
static int
judge_bytes(struct splice *s)
{
	ssize_t ok;

	if (s->early_n == s->early_at)
		return 0;
	ok = s->look->judge(s->look, s->early + s->early_at,
			    s->early_n - s->early_at);
	if (ok < 0)
		return -1;
	s->early_ok = s->early_at + (uint32_t)ok;
	return 0;
}

/* The client's flow where it is looked at. */
static int
pump_looked(struct splice *s)
{
	struct flow *f = &s->flow[CLIENT];
	int r = send_early(s);

	for (int i = 0; i < ROUNDS && r > 0 && !s->look->hold[CLIENT]; i++) {
		ssize_t n;

		if (judge_bytes(s) < 0)
			return -1;
		r = send_early(s);
		if (r <= 0 || s->look->hold[CLIENT] || f->eof || !f->ready)
			break;
		n = splice_read_early(s);
		if (n == 0)
			f->eof = 1;
		if (n <= 0)
			r = n == 0 ? 0 : after_failed_read(f);
	}
	if (s->early_n == 0)
		free_early(s);
	return r;
}

static int
pump_spliced(struct splice *s, int from)
{
	struct flow *f = &s->flow[from];
	int r = from == CLIENT ? send_early(s) : 1;

	for (int i = 0; i < ROUNDS && r > 0; i++) {
		if (f->inflight == 0 && !f->eof && f->ready)
			r = fill_pipe(s, from);
		if (r < 0 || f->inflight == 0)
			break;
		r = drain_pipe(s, from);
	}
	return r;
}

static int
pump_flow(struct splice *s, int from)
{
	struct flow *f = &s->flow[from];
	int r = 1;

	if (s->look && from == CLIENT)
		r = pump_looked(s);
	else if (!s->look || !s->look->hold[from])
		r = pump_spliced(s, from);
	if (r < 0)
		return -1;
	if (f->eof && !f->shut && f->inflight == 0 &&
	    (from == SERVER || s->early_at == s->early_ok)) {
		/* the close of both does it, too; ENOTCONN: it is gone */
		if (!s->flow[!from].shut &&
		    shutdown(s->side[!from].fd, SHUT_WR) < 0 &&
		    errno != ENOTCONN)
			return -1;
		f->shut = 1;
	}
	return 0;
}

/* What is ready and could be read is left over: others had their turn. */
static int
is_left(const struct splice *s, int from)
{
	const struct flow *f = &s->flow[from];
	int early = from == CLIENT && s->early_at < s->early_ok;

	return f->ready && !f->eof && f->inflight == 0 && !s->starved &&
	       !early && !(s->look && s->look->hold[from]);
}

/* Waits for what could make progress on that side.  0, or -1. */
static int
await_side(struct loop *l, struct splice *s, int side)
{
	struct source *src = &s->side[side];
	int blocked = s->flow[!side].inflight > 0 ||
		      (side == SERVER && s->early_at < s->early_ok);
	uint32_t events =
	    src->events | SPLICE_EVENTS | (blocked ? (uint32_t)EPOLLOUT : 0);

	if (events == src->events && is_left(s, side))
		return loop_again(l, src);
	return loop_watch(l, src, events);
}

enum splice_state
splice_pump(struct loop *l, struct splice *s)
{
	s->starved = 0;
	for (int i = 0; i < 2; i++)
		if (pump_flow(s, i) < 0)
			return SPLICE_FAILED;
	if (s->flow[CLIENT].shut && s->flow[SERVER].shut)
		return SPLICE_DONE;
	for (int i = 0; i < 2; i++)
		if (await_side(l, s, i) < 0)
			return SPLICE_FAILED;
	return s->flow[CLIENT].shut || s->flow[SERVER].shut ? SPLICE_HALF
							    : SPLICE_OPEN;
}

void
splice_tune(int fd, int near)
{
	int on = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (near)
		setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
}

void
splice_close(struct loop *l, struct splice *s, int reset)
{
	struct linger now = {1, 0}; /* socket(7): close sends a reset */

	for (int i = 0; i < 2; i++) {
		struct flow *f = &s->flow[i];

		if (reset && s->side[i].fd >= 0)
			setsockopt(s->side[i].fd, SOL_SOCKET, SO_LINGER, &now,
				   sizeof(now));
		loop_close(l, &s->side[i]);
		if (f->inflight > 0) { /* not empty: not to be used again */
			close_pipe(s->pipes, f->pipe);
			f->inflight = 0;
		}
	}
	free_early(s);
}
