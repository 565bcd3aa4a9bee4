#include "pen-sni/dnsd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/dns.h"
#include "lib/mem.h"
#include "pen-sni/ask.h"

/* Datagrams for one readiness. */
#define ROUNDS 64

/* A name that is refused again within this time is not logged again. */
#define REPEAT_MS 2000

/*
 * One line for a name: getaddrinfo(3) asks for two types at once, and programs
 * that got no answer ask again.
 */
static int
said_before(struct proxy *p, const char *name)
{
	if (p->loop.now - p->refused_at < REPEAT_MS &&
	    strcmp(p->refused_name, name) == 0)
		return 1;
	p->refused_at = p->loop.now;
	snprintf(p->refused_name, sizeof(p->refused_name), "%s", name);
	return 0;
}

static void
refused(struct proxy *p, const struct dns_question *q, const char *why,
	const struct deny *by)
{
	char rule[288];

	if (said_before(p, q->name))
		return;
	if (by)
		rule_format(&by->rule, rule, sizeof(rule));
	proxy_event(p, &(struct event){
			       .kind = "dns",
			       .verdict = "refused",
			       .name = q->name_len ? q->name : ".",
			       .name_len = q->name_len,
			       .why = why,
			       .rule = by ? rule : NULL,
			       .allow = q->canonical && !by ? q->name : NULL,
		       });
}

/*
 * The synthetic address of an allowed name.  One that is not allowed does not
 * exist (NXDOMAIN): programs fail at once, where REFUSED makes glibc call it a
 * temporary failure.
 */
static enum dns_rcode
address_of(void *arg, const struct dns_question *q, uint32_t *address)
{
	struct proxy *p = arg;
	const struct deny *by = NULL;
	const struct allow *a = NULL;
	char rule[288];
	int number, fresh;

	if (!q->canonical) {
		refused(p, q, "not a host name", NULL);
		return DNS_NXDOMAIN;
	}
	a = policy_find(&p->policy, q->name, 0, POLICY_ANY, &by);
	/* port 0: of denials, those of every port */
	if (!a && !by)
		by = policy_denied(&p->policy, q->name, 0);
	if (!a && (by || !ask_possible(p))) {
		refused(p, q, by ? "denied" : "not allowed", by);
		return DNS_NXDOMAIN;
	}
	/* the connection will wait, where it is to be asked about */
	number = names_number(&p->names, q->name, !a || a->rule.wildcard,
			      p->loop.now, &fresh);
	if (number < 0) {
		refused(p, q, "too many new names", NULL);
		return DNS_SERVFAIL;
	}
	if (fresh) {
		if (a)
			rule_format(&a->rule, rule, sizeof(rule));
		proxy_event(p, &(struct event){.kind = "dns",
					       .verdict = a || p->audit
								  ? "allowed"
								  : "held",
					       .name = q->name,
					       .rule = a ? rule : NULL});
	}
	*address = NAMES_FIRST + (uint32_t)number;
	return DNS_NOERROR;
}

/* An answer to the query at buf, 0 for none. */
static size_t
answer(struct proxy *p, const uint8_t *buf, size_t n, uint8_t out[DNS_MAX])
{
	return dns_reply(buf, n, address_of, p, out);
}

void
dnsd_udp(struct proxy *p, int fd)
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
		size = answer(p, query, (size_t)n, out);
		/* a lost answer is asked for again: that is UDP */
		if (size > 0)
			sendto(fd, out, size, MSG_DONTWAIT | MSG_NOSIGNAL,
			       &from.sa, len);
	}
}

struct dns_conn {
	struct source src;
	struct timer timer;
	struct proxy *p;
	struct dns_conn *prev, *next;
	size_t n;
	uint8_t buf[2 + DNS_MAX]; /* RFC 1035 section 4.2.2: length first */
};

static void
end(struct dns_conn *c)
{
	struct proxy *p = c->p;

	loop_untimer(&c->timer);
	loop_close(&p->loop, &c->src);
	if (c->prev)
		c->prev->next = c->next;
	else
		p->dns_conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	p->n_dns--;
	free(c);
}

static void
fired(struct timer *t)
{
	end((struct dns_conn *)((char *)t - offsetof(struct dns_conn, timer)));
}

/* Answers the query that c->buf holds whole.  0, or -1 to end. */
static int
reply(struct dns_conn *c, size_t len)
{
	uint8_t out[2 + DNS_MAX];
	size_t n = answer(c->p, c->buf + 2, len, out + 2);

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
	loop_timer(&c->p->loop, &c->timer, TIMER_HELLO);
	return 0;
}

static void
ready(struct source *s, uint32_t events)
{
	struct dns_conn *c = (struct dns_conn *)s;
	ssize_t n = recv(s->fd, c->buf + c->n, sizeof(c->buf) - c->n,
			 MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end(c);
		return;
	}
	c->n += (size_t)n;
	while (c->n >= 2) {
		size_t len = (size_t)c->buf[0] << 8 | c->buf[1];

		if (len > DNS_MAX) {
			end(c);
			return;
		}
		if (c->n < 2 + len)
			return;
		if (reply(c, len) < 0) {
			end(c);
			return;
		}
	}
}

void
dnsd_tcp(struct proxy *p, int fd)
{
	struct dns_conn *c;

	if (p->n_dns >= PROXY_DNS_CONNS) {
		close(fd);
		return;
	}
	c = mem_alloc(sizeof(*c));
	*c = (struct dns_conn){.src = {ready, fd, 0}, .p = p,
			       .timer.fire = fired, .next = p->dns_conns};
	if (p->dns_conns)
		p->dns_conns->prev = c;
	p->dns_conns = c;
	p->n_dns++;
	loop_timer(&p->loop, &c->timer, TIMER_HELLO);
	if (loop_watch(&p->loop, &c->src, EPOLLIN) < 0)
		end(c);
}

void
dnsd_end_all(struct proxy *p)
{
	while (p->dns_conns)
		end(p->dns_conns);
}
