#include "pen-sni/dnsd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"

/* Connections at a time. */
#define DNS_CONNS 64

/* Datagrams for one readiness. */
#define ROUNDS 64

/* A name that is refused again within this time is not logged again. */
#define REPEAT_MS 2000

/*
 * One line for a name: getaddrinfo(3) asks for two types at once, and programs
 * that got no answer ask again.
 */
static int
is_repeated(struct dnsd *d, const char *name)
{
	if (d->loop->now - d->refused_at < REPEAT_MS &&
	    strcmp(d->refused_name, name) == 0)
		return 1;
	d->refused_at = d->loop->now;
	snprintf(d->refused_name, sizeof(d->refused_name), "%s", name);
	return 0;
}

static void
log_refusal(struct dnsd *d, const struct dns_question *q, const char *why,
	    const struct deny *by)
{
	char rule[RULE_TEXT];
	int managed =
	    q->canonical && !by && !policy_may_name(d->policy, q->name);

	if (is_repeated(d, q->name))
		return;
	if (by)
		rule_format(&by->rule, rule, sizeof(rule));
	events_add(
	    d->events,
	    &(struct event){
		.kind = "dns",
		.verdict = by && by->quiet ? "quiet" : "refused",
		.name = q->name_len ? q->name : ".",
		.name_len = q->name_len,
		.why = managed ? POLICY_MANAGED : why,
		.rule = by ? rule : NULL,
		.allow = q->canonical && !by && !managed ? q->name : NULL,
	    });
}

/*
 * The synthetic address of an allowed name.  One that is not allowed does not
 * exist (NXDOMAIN): programs fail at once, where REFUSED makes glibc call it a
 * temporary failure.
 */
static enum dns_rcode
find_address(void *arg, const struct dns_question *q, uint32_t *address)
{
	struct dnsd *d = arg;
	const struct deny *by = NULL;
	const struct allow *a = NULL;
	char rule[RULE_TEXT];
	int number, fresh, served;

	if (!q->canonical) {
		log_refusal(d, q, "not a host name", NULL);
		return DNS_NXDOMAIN;
	}
	if (d->events->closed) {
		log_refusal(d, q, "the log cannot be written", NULL);
		return DNS_SERVFAIL;
	}
	a = policy_find(d->policy, q->name, 0, POLICY_ANY, &by);
	/* port 0: of denials, those of every port */
	if (!a && !by)
		by = policy_denied(d->policy, q->name, 0);
	served = hand_find(d->hands, q->name) != NULL;
	if (!a && !served && (by || !ask_possible(d->ask))) {
		log_refusal(d, q, by ? "denied" : "not allowed", by);
		return DNS_NXDOMAIN;
	}
	/* the connection will wait, where it is to be asked about */
	number = fakeip_number(d->names, q->name,
			       !served && (!a || a->rule.wildcard),
			       d->loop->now, &fresh);
	if (number < 0) {
		log_refusal(d, q, "too many new names", NULL);
		return DNS_SERVFAIL;
	}
	if (fresh) {
		if (a)
			rule_format(&a->rule, rule, sizeof(rule));
		events_add(
		    d->events,
		    &(struct event){.kind = "dns",
				    .verdict = a || served || d->ask->audit
						   ? "allowed"
						   : "held",
				    .name = q->name,
				    .rule = a ? rule : NULL});
	}
	*address = FAKEIP_FIRST + (uint32_t)number;
	return DNS_NOERROR;
}

/* An answer to the query at buf, 0 for none. */
static size_t
make_answer(struct dnsd *d, const uint8_t *buf, size_t n, uint8_t out[DNS_MAX])
{
	return dns_reply(buf, n, find_address, d, out);
}

void
dnsd_udp(struct dnsd *d, int fd)
{
	uint8_t query[4096], out[DNS_MAX];
	union addr from;

	for (int i = 0; i < ROUNDS; i++) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(fd, query, sizeof(query), MSG_DONTWAIT,
				     &from.sa, &len);
		size_t size;

		if (n < 0)
			return;
		size = make_answer(d, query, (size_t)n, out);
		/* a lost answer is asked for again: that is UDP */
		if (size > 0)
			sendto(fd, out, size, MSG_DONTWAIT | MSG_NOSIGNAL,
			       &from.sa, len);
	}
}

struct dns_conn {
	struct source src;
	struct timer timer;
	struct dnsd *d;
	struct dns_conn *prev, *next;
	size_t n;
	uint8_t buf[2 + DNS_MAX]; /* RFC 1035 section 4.2.2: length first */
};

static void
end_conn(struct dns_conn *c)
{
	struct dnsd *d = c->d;

	loop_untimer(&c->timer);
	loop_close(d->loop, &c->src);
	if (c->prev)
		c->prev->next = c->next;
	else
		d->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	d->n--;
	free(c);
}

static void
timer_fired(struct timer *t)
{
	end_conn(
	    (struct dns_conn *)((char *)t - offsetof(struct dns_conn, timer)));
}

/* Answers the query that c->buf holds whole.  0, or -1 to end. */
static int
send_reply(struct dns_conn *c, size_t len)
{
	uint8_t out[2 + DNS_MAX];
	size_t n = make_answer(c->d, c->buf + 2, len, out + 2);

	if (n == 0)
		return -1;
	out[0] = (uint8_t)(n >> 8);
	out[1] = (uint8_t)n;
	/* who does not read the answers has no use for more */
	if (send(c->src.fd, out, n + 2, MSG_DONTWAIT | MSG_NOSIGNAL) !=
	    (ssize_t)n + 2)
		return -1;
	c->n -= 2 + len;
	memmove(c->buf, c->buf + 2 + len, c->n);
	loop_timer(c->d->loop, &c->timer, TIMER_HELLO);
	return 0;
}

static void
conn_ready(struct source *s, uint32_t events)
{
	struct dns_conn *c = (struct dns_conn *)s;
	ssize_t n =
	    recv(s->fd, c->buf + c->n, sizeof(c->buf) - c->n, MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end_conn(c);
		return;
	}
	c->n += (size_t)n;
	while (c->n >= 2) {
		size_t len = (size_t)c->buf[0] << 8 | c->buf[1];

		if (len > DNS_MAX) {
			end_conn(c);
			return;
		}
		if (c->n < 2 + len)
			return;
		if (send_reply(c, len) < 0) {
			end_conn(c);
			return;
		}
	}
}

void
dnsd_tcp(struct dnsd *d, int fd)
{
	struct dns_conn *c;

	if (d->n >= DNS_CONNS) {
		close(fd);
		return;
	}
	c = mem_alloc(sizeof(*c));
	*c = (struct dns_conn){.src = {conn_ready, fd, 0},
			       .d = d,
			       .timer.fire = timer_fired,
			       .next = d->conns};
	if (d->conns)
		d->conns->prev = c;
	d->conns = c;
	d->n++;
	loop_timer(d->loop, &c->timer, TIMER_HELLO);
	if (loop_watch(d->loop, &c->src, EPOLLIN) < 0)
		end_conn(c);
}

void
dnsd_end_all(struct dnsd *d)
{
	while (d->conns)
		end_conn(d->conns);
}
