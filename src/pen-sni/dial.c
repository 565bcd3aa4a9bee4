#include "pen-sni/dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/splice.h"
#include "lib/route.h"

struct attempt {
	struct source src; /* fd is -1 when it is over */
	struct dial *d;
	union addr addr;
};

struct dial {
	struct dials *all;
	dial_fn *fn;
	void *arg;
	struct target want;
	struct lookup *lookup;
	struct timer next; /* until the next address is tried */
	size_t n, tried, open;
	int starting, ended, is_slow;
	const char *why; /* the latest failure */
	char *request;	 /* to an upstream proxy, and its answer; owned */
	char *answer;
	size_t answer_n;
	struct attempt attempts[DIAL_TRIES];
};

/* n of its attempts are open. */
static void
set_open(struct dial *d, size_t n)
{
	d->all->extra -= d->open > 1 ? d->open - 1 : 0;
	d->open = n;
	d->all->extra += n > 1 ? n - 1 : 0;
}

static void
release_attempts(struct dial *d, const struct attempt *but)
{
	loop_untimer(&d->next);
	*d->want.slow -= (unsigned)d->is_slow;
	d->is_slow = 0;
	if (d->lookup)
		resolve_forget(d->lookup);
	d->lookup = NULL;
	for (size_t i = 0; i < d->tried; i++)
		if (&d->attempts[i] != but)
			loop_close(d->all->resolver->loop, &d->attempts[i].src);
	set_open(d, 0);
}

/* Says how it ended and frees d, unless dial_start is still at work on it. */
static void
end_dial(struct dial *d, struct attempt *won, const union addr *a, int refused,
	 const char *why)
{
	union addr copy = {0};

	if (a)
		copy = *a;
	release_attempts(d, won);
	free(d->request);
	free(d->answer);
	d->ended = 1;
	d->fn(d->arg, won ? &won->src : NULL, a ? &copy : NULL, refused, why);
	if (!d->starting)
		free(d);
}

static const char *
error_text(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return "connection refused";
	case ETIMEDOUT:
		return "connection timed out";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "host unreachable";
	case EMFILE:
	case ENFILE:
		return "out of descriptors";
	default:
		return "connection failed";
	}
}

static void try_next_address(struct dial *d);

static const char *
status_text(int status)
{
	switch (status) {
	case 403:
		return "the upstream proxy does not allow it";
	case 407:
		return "the upstream proxy wants another user or password";
	case 502:
	case 503:
	case 504:
		return "the upstream proxy cannot connect";
	default:
		return "the upstream proxy refuses";
	}
}

/*
 * The upstream proxy answers.  What is behind its answer is the server's and
 * has to stay in the socket; so it is peeked at, and taken as far as it goes.
 */
static void
upstream_ready(struct source *s, uint32_t events)
{
	struct attempt *t = (struct attempt *)s;
	struct dial *d = t->d;
	char *at = d->answer + d->answer_n;
	size_t room = UPSTREAM_MAX - d->answer_n, used;
	ssize_t n = recv(s->fd, at, room, MSG_PEEK | MSG_DONTWAIT);
	int status;

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end_dial(d, NULL, &t->addr, 0, "the upstream proxy hung up");
		return;
	}
	status = upstream_answer(d->answer, d->answer_n + (size_t)n, &used);
	if (status != 0)
		n = (ssize_t)(used - d->answer_n);
	if (recv(s->fd, at, (size_t)n, MSG_DONTWAIT) != n)
		status = -1; /* cannot be: it was there */
	d->answer_n += (size_t)n;
	if (status == 0)
		return;
	if (status < 200 || status > 299) {
		end_dial(d, NULL, &t->addr, 0, status_text(status));
		return;
	}
	end_dial(d, t, &t->addr, 0, NULL);
}

/* A proxy has been reached: no other address of it is tried. */
static void
ask_upstream(struct attempt *t)
{
	struct dial *d = t->d;
	size_t n = strlen(d->request);

	loop_untimer(&d->next);
	for (size_t i = 0; i < d->tried; i++)
		if (&d->attempts[i] != t)
			loop_close(d->all->resolver->loop, &d->attempts[i].src);
	set_open(d, 1);
	d->answer = mem_alloc(UPSTREAM_MAX);
	t->src.ready = upstream_ready;
	if (send(t->src.fd, d->request, n, MSG_NOSIGNAL | MSG_DONTWAIT) !=
		(ssize_t)n ||
	    loop_watch(d->all->resolver->loop, &t->src, EPOLLIN) < 0)
		end_dial(d, NULL, &t->addr, 0, "the upstream proxy hung up");
}

static void
attempt_ready(struct source *s, uint32_t events)
{
	struct attempt *t = (struct attempt *)s;
	struct dial *d = t->d;
	int error = 0;
	socklen_t len = sizeof(error);

	if (events & (EPOLLERR | EPOLLHUP)) {
		getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		d->why = error_text(error);
		loop_close(d->all->resolver->loop, s);
		set_open(d, d->open - 1);
		try_next_address(d);
		return;
	}
	if (d->request) {
		ask_upstream(t);
		return;
	}
	end_dial(d, t, &t->addr, 0, NULL);
}

static void
next_fired(struct timer *t)
{
	struct dial *d =
	    (struct dial *)((char *)t - offsetof(struct dial, next));

	*d->want.slow += !d->is_slow;
	d->is_slow = 1;
	try_next_address(d);
}

/* Starts to connect.  0, or -1 when it failed at once. */
static int
attempt_start(struct attempt *t)
{
	int on = 1, off = 0, fd;

	fd = socket(t->addr.sa.sa_family,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	splice_tune(fd, addr_is_loopback(&t->addr));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (t->d->want.talks) /* the handshake's ACK goes with the bytes */
		setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
	t->src = (struct source){attempt_ready, fd, 0};
	if ((connect(fd, &t->addr.sa, addr_len(&t->addr)) < 0 &&
	     errno != EINPROGRESS) ||
	    loop_watch(t->d->all->resolver->loop, &t->src, EPOLLOUT) < 0) {
		int error = errno;

		loop_close(t->d->all->resolver->loop, &t->src);
		errno = error;
		return -1;
	}
	return 0;
}

/* Gives up the address that has been tried longest. */
static void
give_up_oldest(struct dial *d)
{
	for (size_t i = 0; i < d->tried; i++)
		if (d->attempts[i].src.fd >= 0) {
			loop_close(d->all->resolver->loop, &d->attempts[i].src);
			set_open(d, d->open - 1);
			return;
		}
}

/* Tries the next address; the end, when there is none and none is open. */
static void
try_next_address(struct dial *d)
{
	while (d->tried < d->n) {
		struct attempt *t = &d->attempts[d->tried];

		t->src.fd = -1;
		t->d = d;
		d->tried++;
		if (d->open > 0 && d->all->extra >= d->all->extra_max)
			give_up_oldest(d);
		if (attempt_start(t) == 0) {
			set_open(d, d->open + 1);
			loop_timer(d->all->resolver->loop, &d->next,
				   TIMER_TICK);
			return;
		}
		d->why = error_text(errno);
	}
	if (d->open == 0)
		end_dial(d, NULL, NULL, 0, d->why);
}

/* NULL when a may be dialled, otherwise why not. */
static const char *
check_address(const struct target *want, const union addr *a)
{
	enum addr_class class = addr_classify(a);

	if (want->any)
		return NULL;
	if (class == ADDR_REFUSED)
		return "not a public address";
	if (class == ADDR_PRIVATE && !want->private)
		return "a private address";
	return route_check(a);
}

/*
 * Keeps the addresses that may be dialled, of alternating families as long as
 * there are two (RFC 8305 section 4).
 */
static void
choose_addresses(struct dial *d, const union addr *addrs, size_t n)
{
	int family = addrs[0].sa.sa_family;
	char used[RESOLVE_MAX] = {0};

	for (size_t left = n; left > 0 && d->n < DIAL_TRIES; left--) {
		size_t pick = n;

		for (size_t i = 0; i < n; i++) {
			if (used[i])
				continue;
			if (pick == n || addrs[i].sa.sa_family == family)
				pick = i;
			if (addrs[i].sa.sa_family == family)
				break;
		}
		used[pick] = 1;
		d->attempts[d->n].addr = addrs[pick];
		addr_set_port(&d->attempts[d->n].addr, d->want.port);
		d->n++;
		family =
		    addrs[pick].sa.sa_family == AF_INET ? AF_INET6 : AF_INET;
	}
}

static void
lookup_ended(void *arg, const union addr *addrs, size_t n, const char *why)
{
	struct dial *d = arg;
	union addr good[RESOLVE_MAX];
	const union addr *bad = NULL;
	size_t goods = 0;

	d->lookup = NULL;
	for (size_t i = 0; i < n; i++) {
		const char *no = check_address(&d->want, &addrs[i]);

		if (!no) {
			good[goods++] = addrs[i];
		} else if (!bad) {
			bad = &addrs[i];
			why = no;
		}
	}
	if (goods == 0) {
		end_dial(d, NULL, bad, bad != NULL, why);
		return;
	}
	choose_addresses(d, good, goods);
	try_next_address(d);
}

struct dial *
dial_start(struct dials *all, const struct target *t, dial_fn *fn, void *arg)
{
	struct dial *d = mem_alloc(sizeof(*d));

	*d = (struct dial){.all = all,
			   .fn = fn,
			   .arg = arg,
			   .want = *t,
			   .next.fire = next_fired,
			   .starting = 1};
	if (t->via) {
		d->request = upstream_request(t->via, t->name, t->port);
		d->want.any = d->want.talks = 1;
		d->want.name = t->via->name;
		d->want.port = t->via->port;
		if (!*t->via->name)
			d->want.addr = &t->via->addr;
	}
	if (d->want.addr) {
		d->attempts[0].addr = *d->want.addr;
		addr_set_port(&d->attempts[0].addr, d->want.port);
		d->n = 1;
		try_next_address(d);
	} else {
		d->lookup =
		    resolve_start(all->resolver, d->want.name, lookup_ended, d);
	}
	d->starting = 0;
	if (!d->ended)
		return d;
	free(d);
	return NULL;
}

void
dial_cancel(struct dial *d)
{
	release_attempts(d, NULL);
	free(d->request);
	free(d->answer);
	free(d);
}
