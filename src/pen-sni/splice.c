#include "pen-sni/splice.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * A pipe's capacity that is asked for.  Twice the bytes per system call are a
 * third more throughput; a user may have 16384 pages of pipe buffers
 * (pipe(7), pipe-user-pages-soft), of which this takes at most a quarter.
 */
#define PIPE_SIZE (256 << 10)

/* Pipefuls for one readiness: a busy connection is not the only one. */
#define ROUNDS 8

static int
get_pipe(struct pipes *p, int fd[2])
{
	if (p->n > 0) {
		p->n--;
		fd[0] = p->fd[p->n][0];
		fd[1] = p->fd[p->n][1];
		return 0;
	}
	if (pipe2(fd, O_NONBLOCK | O_CLOEXEC) < 0)
		return -1;
	fcntl(fd[1], F_SETPIPE_SZ, PIPE_SIZE); /* or it stays as it was */
	return 0;
}

static void
put_pipe(struct pipes *p, const int fd[2])
{
	if (p->n == PIPES_KEPT) {
		close(fd[0]);
		close(fd[1]);
		return;
	}
	p->fd[p->n][0] = fd[0];
	p->fd[p->n++][1] = fd[1];
}

/* From the socket into an empty pipe.  1 on progress, 0 when not, -1. */
static int
fill(struct splice *s, int from)
{
	struct flow *f = &s->flow[from];
	ssize_t n;

	if (get_pipe(s->pipes, f->pipe) < 0)
		return -1;
	n = splice(s->side[from].fd, NULL, f->pipe[1], NULL, PIPE_SIZE,
		   SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	if (n <= 0)
		put_pipe(s->pipes, f->pipe);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0)
		f->eof = 1;
	f->inflight = (size_t)n;
	return n > 0;
}

/* From the pipe into the other socket.  1 when the pipe is empty, 0, -1. */
static int
drain(struct splice *s, int from)
{
	struct flow *f = &s->flow[from];
	ssize_t n;

	while (f->inflight > 0) {
		n = splice(f->pipe[0], NULL, s->side[!from].fd, NULL,
			   f->inflight, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
		if (n <= 0)
			return n < 0 && (errno == EAGAIN || errno == EINTR)
				       ? 0
				       : -1;
		f->inflight -= (size_t)n;
		f->bytes += (uint64_t)n;
	}
	put_pipe(s->pipes, f->pipe);
	return 1;
}

/* The bytes that were read to find the server name go first. */
static int
send_early(struct splice *s)
{
	while (s->early_at < s->early_n) {
		ssize_t n = send(s->side[SERVER].fd, s->early + s->early_at,
				 s->early_n - s->early_at, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		s->early_at += (size_t)n;
		s->flow[CLIENT].bytes += (uint64_t)n;
	}
	free(s->early);
	s->early = NULL;
	return 1;
}

static int
pump_flow(struct splice *s, int from)
{
	struct flow *f = &s->flow[from];
	int r = 1;

	if (from == CLIENT && s->early)
		r = send_early(s);
	for (int i = 0; i < ROUNDS && r > 0; i++) {
		if (f->inflight == 0 && !f->eof)
			r = fill(s, from);
		if (r < 0 || f->inflight == 0)
			break;
		r = drain(s, from);
	}
	if (r < 0)
		return -1;
	if (f->eof && !f->shut && f->inflight == 0) {
		/* ENOTCONN: it is gone already, as is said below */
		if (shutdown(s->side[!from].fd, SHUT_WR) < 0 &&
		    errno != ENOTCONN)
			return -1;
		f->shut = 1;
	}
	return 0;
}

/* What could make progress on that side. */
static uint32_t
wanted(const struct splice *s, int side)
{
	const struct flow *in = &s->flow[side], *out = &s->flow[!side];
	int early = s->early != NULL;
	uint32_t events = 0;

	if (!in->eof && in->inflight == 0 && !(side == CLIENT && early))
		events |= EPOLLIN;
	if (out->inflight > 0 || (side == SERVER && early))
		events |= EPOLLOUT;
	return events;
}

enum splice_state
splice_pump(struct loop *l, struct splice *s)
{
	for (int i = 0; i < 2; i++)
		if (pump_flow(s, i) < 0)
			return SPLICE_FAILED;
	if (s->flow[CLIENT].shut && s->flow[SERVER].shut)
		return SPLICE_DONE;
	for (int i = 0; i < 2; i++)
		if (loop_watch(l, &s->side[i], wanted(s, i)) < 0)
			return SPLICE_FAILED;
	return s->flow[CLIENT].shut || s->flow[SERVER].shut ? SPLICE_HALF
							     : SPLICE_OPEN;
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
			close(f->pipe[0]);
			close(f->pipe[1]);
			f->inflight = 0;
		}
	}
	free(s->early);
	s->early = NULL;
}
