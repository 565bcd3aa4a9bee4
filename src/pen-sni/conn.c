/*
 * A connection goes through: reading a ClientHello or the head of a request
 * (unless the rule is opaque), dialling, splicing.  The name that was decided
 * on is the name that is dialled:
 *
 * - with an opaque rule (ssh, tcp) for the port, the name whose synthetic
 *   address the program connected to;
 * - otherwise the server name in the ClientHello, or the Host of the request,
 *   which has to be allowed for the port itself.  Where the program connected
 *   to decides nothing then.
 */
#include "pen-sni/conn.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"
#include "pen-sni/ask.h"
#include "pen-sni/dial.h"
#include "pen-sni/hello.h"
#include "pen-sni/web.h"

/* RFC 8446 section 6 */
enum alert {
	ALERT_NONE = 0,
	ALERT_ACCESS_DENIED = 49,
	ALERT_DECODE_ERROR = 50,
	ALERT_INTERNAL_ERROR = 80,
	ALERT_UNRECOGNIZED_NAME = 112,
};

#define RULE_TEXT 288

struct conn {
	struct proxy *p;
	struct conn *prev, *next;
	struct timer timer;
	struct splice data;
	struct hello *hello; /* while it is being read */
	struct web *web;     /* plain HTTP */
	union {
		struct dial *dial;
		struct held *held; /* while it is asked about */
	};
	const char *name; /* decided on, or resolved; of p->names */
	const struct allow *rule;
	uint32_t id;
	uint16_t port;
	uint8_t open : 1;
	uint8_t asked : 1;  /* held, not dial */
	uint8_t opaque : 1; /* asked about where nothing is read */
};
static_assert(sizeof(struct conn) <= 232, "240 bytes with malloc(3)'s own");

static const char *
kind(const struct conn *c)
{
	if (c->web)
		return "http";
	if (c->hello || (c->rule && c->rule->rule.proto == RULE_TLS))
		return "tls";
	return "tcp";
}

static void
forget(struct conn *c)
{
	struct proxy *p = c->p;

	loop_untimer(&c->timer);
	if (c->asked)
		ask_forget(c->held);
	else if (c->dial)
		dial_cancel(c->dial);
	if (c->prev)
		c->prev->next = c->next;
	else
		p->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	p->n_conns--;
	free(c->hello);
	free(c->web);
	free(c);
	proxy_room(p);
}

/* The end of a connection; what was dialled gets its closing event. */
static void
end(struct conn *c, int reset, const char *why)
{
	if (c->open)
		proxy_event(c->p, &(struct event){
					  .kind = "close",
					  .name = c->name,
					  .port = c->port,
					  .id = c->id,
					  .why = why,
					  .traffic = 1,
					  .up = c->data.flow[CLIENT].bytes,
					  .down = c->data.flow[SERVER].bytes,
				  });
	splice_close(&c->p->loop, &c->data, reset);
	forget(c);
}

/* The last that the client is told, if it is there to be told. */
static void
end_saying(struct conn *c, const void *text, size_t n)
{
	send(c->data.side[CLIENT].fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(c->data.side[CLIENT].fd, SHUT_WR);
	end(c, 0, NULL);
}

/*
 * Ends it before any byte went through, with an alert or an answer where one
 * is understood.
 */
static void
refuse(struct conn *c, enum alert alert)
{
	int tls = c->data.early_n > 1 && c->data.early[0] == 22;
	/* type alert, TLS 1.2 on the wire, 2 bytes: fatal, alert */
	uint8_t record[] = {21, 3, 3, 0, 2, 2, (uint8_t)alert};
	const char *text = web_refusal(
		c->web, alert == ALERT_ACCESS_DENIED	? WEB_FORBIDDEN
			: alert == ALERT_INTERNAL_ERROR ? WEB_UNREACHED
							: WEB_BAD);

	if (alert == ALERT_NONE || c->open)
		end(c, 1, NULL);
	else if (text)
		end_saying(c, text, strlen(text));
	else if (tls)
		end_saying(c, record, sizeof(record));
	else
		end(c, 1, NULL);
}

/* The rule that would allow name here. */
static struct rule
wish(const struct conn *c, const char *name)
{
	struct rule r = {.proto = c->opaque	      ? RULE_TCP
				  : c->port == 22     ? RULE_SSH
				  : c->web || (c->port == 80 && !c->hello)
					  ? RULE_HTTP
							    : RULE_TLS,
			 .port = c->port};

	snprintf(r.name, sizeof(r.name), "%s", name);
	return r;
}

/* Refuses a name that no rule allows, or that one denies. */
static void
refuse_name(struct conn *c, const char *name, const struct deny *by)
{
	char text[RULE_TEXT] = "", allow[RULE_TEXT] = "";
	struct rule r = wish(c, name);

	if (by)
		rule_format(&by->rule, text, sizeof(text));
	rule_format(&r, allow, sizeof(allow));
	proxy_event(c->p, &(struct event){
				  .kind = kind(c),
				  .verdict = "refused",
				  .name = name,
				  .port = c->port,
				  .id = c->id,
				  .why = by ? "denied" : "not allowed",
				  .rule = by ? text : NULL,
				  .allow = by ? NULL : allow,
			  });
	refuse(c, ALERT_ACCESS_DENIED);
}

/* Refuses with the bytes of a name, if there are any, as they came. */
static void
refuse_bytes(struct conn *c, const char *name, size_t n, const char *why,
	     enum alert alert)
{
	proxy_event(c->p, &(struct event){
				  .kind = kind(c),
				  .verdict = "refused",
				  .name = n ? name : c->name,
				  .name_len = n,
				  .port = c->port,
				  .id = c->id,
				  .why = why,
			  });
	refuse(c, alert);
}

/* A WebSocket was asked for: from now on its bytes pass as they are. */
static void
look_at_answer(struct conn *c)
{
	if (!web_answered(c->web, c->data.side[SERVER].fd))
		return;
	c->data.look = NULL;
	c->data.early_ok = c->data.early_n;
}

static void
side_ready(struct conn *c)
{
	enum splice_state s;

	if (c->data.look && c->web->look.hold && c->data.flow[SERVER].ready)
		look_at_answer(c);
	s = splice_pump(&c->p->loop, &c->data);
	if (s == SPLICE_FAILED && c->web && c->web->why)
		refuse_bytes(c, NULL, 0, c->web->why, ALERT_NONE);
	else if (s == SPLICE_DONE || s == SPLICE_FAILED)
		end(c, s == SPLICE_FAILED,
		    s == SPLICE_FAILED ? "reset" : NULL);
	else
		loop_timer(&c->p->loop, &c->timer,
			   c->data.starved ? TIMER_TICK
			   : c->data.look && c->web->look.hold ? TIMER_DIAL
			   : s == SPLICE_HALF		       ? TIMER_HALF
							       : TIMER_IDLE);
}

static struct conn *
of_client(struct source *s)
{
	return (struct conn *)((char *)s -
			       offsetof(struct conn, data.side[CLIENT]));
}

static void
client_ready(struct source *s, uint32_t events)
{
	struct conn *c = of_client(s);

	splice_ready(&c->data, CLIENT, events);
	if (c->open) /* or it is looked at once that has been dialled */
		side_ready(c);
}

static void
server_ready(struct source *s, uint32_t events)
{
	struct conn *c = (struct conn *)((char *)s -
				 offsetof(struct conn, data.side[SERVER]));

	splice_ready(&c->data, SERVER, events);
	side_ready(c);
}

static void
dialled(void *arg, struct source *s, const union addr *a, int refused,
	const char *why)
{
	struct conn *c = arg;
	struct source *server = &c->data.side[SERVER];
	char rule[RULE_TEXT], address[ADDR_TEXT];

	c->dial = NULL;
	rule_format(&c->rule->rule, rule, sizeof(rule));
	proxy_event(c->p, &(struct event){
				  .kind = kind(c),
				  .verdict = s	       ? "allowed"
					     : refused ? "refused"
						       : "failed",
				  .name = c->name,
				  .address = a ? addr_text(a, address) : NULL,
				  .port = c->port,
				  .rule = rule,
				  .id = c->id,
				  .why = why,
			  });
	if (!s) {
		refuse(c, refused ? ALERT_ACCESS_DENIED : ALERT_INTERNAL_ERROR);
		return;
	}
	server->ready = server_ready;
	c->open = 1;
	free(c->hello);
	c->hello = NULL;
	if (loop_move(&c->p->loop, s, server, SPLICE_EVENTS) < 0) {
		end(c, 1, NULL);
		return;
	}
	if (c->web) {
		c->data.look = &c->web->look;
		web_dialled(c->web, server->fd);
	} else {
		c->data.early_ok = c->data.early_n;
	}
	side_ready(c);
}

static void
dial(struct conn *c)
{
	const struct pin *pin = policy_pinned(&c->p->policy, c->name, c->port);
	struct target t = {
		.name = c->name,
		.port = c->port,
		.private = policy_is_private(&c->p->policy, c->name),
		.talks = c->data.early_n > 0};
	struct dial *d;

	if (pin) {
		t.any = 1;
		if (pin->to_port)
			t.port = pin->to_port;
		if (pin->to_addr.sa.sa_family)
			t.addr = &pin->to_addr;
		else if (pin->to_name[0])
			t.name = pin->to_name;
		else
			t.any = 0; /* only another port: the name's own */
	}
	/* what is near is not beyond the upstream proxy */
	if (!t.any && !t.private && c->p->upstream.port)
		t.via = &c->p->upstream;
	c->data.side[CLIENT].ready = client_ready;
	loop_timer(&c->p->loop, &c->timer, TIMER_DIAL);
	d = dial_start(&c->p->resolver, &t, dialled, c);
	if (d)
		c->dial = d; /* otherwise c may be gone */
}

/* What is held says nothing more; if the client goes away, so does it. */
static void
held_ready(struct source *s, uint32_t events)
{
	struct conn *c = of_client(s);

	splice_ready(&c->data, CLIENT, events);
	if (events & (EPOLLHUP | EPOLLERR))
		end(c, 1, NULL);
}

static void
answered(void *arg, const struct allow *rule)
{
	struct conn *c = arg;

	c->held = NULL;
	c->asked = 0;
	c->rule = rule;
	if (rule)
		dial(c);
	else
		refuse_name(c, c->name,
			    policy_denied(&c->p->policy, c->name, c->port));
}

/*
 * Asks about name, which no rule speaks of, and holds the connection until
 * there is an answer; or lets it through, in an audit.  Whether it goes on.
 */
static int
hold(struct conn *c, const char *name)
{
	struct source *s = &c->data.side[CLIENT];
	struct rule r = wish(c, name);
	int fresh, number = names_number(&c->p->names, name, 1,
					 c->p->loop.now, &fresh);

	if (number < 0)
		return 0;
	if (c->p->audit)
		c->rule = ask_audit(c->p, &r);
	else
		c->held = ask_hold(c->p, &r, answered, c);
	if (!c->held && !c->rule)
		return 0;
	c->name = c->p->names.text[number];
	if (c->web)
		c->web->name = c->name;
	if (c->rule) {
		dial(c);
		return 1;
	}
	c->asked = 1;
	loop_untimer(&c->timer);
	s->ready = held_ready;
	if (s->events) /* it may have gone away in what was read */
		loop_again(&c->p->loop, s);
	else
		loop_watch(&c->p->loop, s, SPLICE_EVENTS);
	return 1;
}

/* The name is what the program says it wants: decides on it. */
static void
decide(struct conn *c, const char *name)
{
	const struct deny *by;
	int number, fresh;

	c->rule = policy_find(&c->p->policy, name, c->port,
			      c->web ? POLICY_HTTP : POLICY_TLS, &by);
	if (!c->rule) {
		if (!by)
			by = policy_denied(&c->p->policy, name, c->port);
		if (by || !hold(c, name))
			refuse_name(c, name, by);
		return;
	}
	number = names_number(&c->p->names, name, c->rule->rule.wildcard,
			      c->p->loop.now, &fresh);
	if (number < 0) {
		refuse_bytes(c, name, strlen(name), "too many new names",
			     ALERT_INTERNAL_ERROR);
		return;
	}
	c->name = c->p->names.text[number];
	if (c->web)
		c->web->name = c->name;
	dial(c);
}

/* A whole ClientHello is there. */
static void
decide_tls(struct conn *c)
{
	char name[RULE_NAME_MAX + 1];

	if (rule_name(c->hello->name, c->hello->name_len, name) < 0)
		refuse_bytes(c, c->hello->name, c->hello->name_len,
			     "the server name is not a host name",
			     ALERT_UNRECOGNIZED_NAME);
	else
		decide(c, name);
}

/* Whether there has to be more of it. */
static int
look_at_head(struct conn *c)
{
	char name[RULE_NAME_MAX + 1];
	const struct http *h = &c->web->http;
	enum http_state s = web_first(c->web, c->data.early, c->data.early_n,
				      name);

	if (s == HTTP_HEAD)
		decide(c, name);
	else if (s == HTTP_BAD)
		refuse_bytes(c, (char *)c->data.early + h->host_at,
			     h->host_len, c->web->why, ALERT_DECODE_ERROR);
	return s == HTTP_MORE;
}

static int
look_at_hello(struct conn *c)
{
	switch (hello_parse(c->hello, c->data.early, c->data.early_n)) {
	case HELLO_MORE:
		return 1;
	case HELLO_OK:
		decide_tls(c);
		break;
	case HELLO_BAD:
		refuse_bytes(c, NULL, 0, c->hello->why, ALERT_DECODE_ERROR);
		break;
	case HELLO_NONE:
		refuse_bytes(c, NULL, 0, c->hello->why,
			     ALERT_UNRECOGNIZED_NAME);
		break;
	}
	return 0;
}

/*
 * The first byte: 22 begins TLS, and no method does.  Which of the two is read
 * is up to the rules where only one of them fits.
 */
static void
choose_protocol(struct conn *c)
{
	const struct policy *p = &c->p->policy;
	int asked = c->port == 80 && c->data.early[0] != 22 &&
		    ask_possible(c->p);

	if (!asked &&
	    (!c->name || !policy_find(p, c->name, c->port, POLICY_HTTP, NULL) ||
	     (c->data.early[0] == 22 &&
	      policy_find(p, c->name, c->port, POLICY_TLS, NULL))))
		return;
	free(c->hello);
	c->hello = NULL;
	c->web = web_new(c->port);
}

/* Reads what is there of the first message, and keeps it for the server. */
static void
first_ready(struct source *s, uint32_t events)
{
	struct conn *c = of_client(s);
	ssize_t n;

	splice_ready(&c->data, CLIENT, events);
	do {
		int first = c->data.early_n == 0;

		n = splice_read_early(&c->data);
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (loop_watch(&c->p->loop, s, SPLICE_EVENTS) < 0)
				end(c, 1, NULL);
			return;
		}
		if (n <= 0) { /* it said nothing: nothing to decide */
			end(c, n < 0, NULL);
			return;
		}
		if (first)
			choose_protocol(c);
	} while (c->web ? look_at_head(c) : look_at_hello(c));
}

static void
fired(struct timer *t)
{
	struct conn *c = (struct conn *)((char *)t -
					 offsetof(struct conn, timer));

	if (c->open && c->data.starved) {
		side_ready(c);
	} else if (c->open) {
		end(c, 1, "silent for too long");
	} else if (c->dial) {
		dial_cancel(c->dial);
		dialled(c, NULL, NULL, 0, "no connection within 30 seconds");
	} else {
		refuse_bytes(c, NULL, 0,
			     c->web ? "no request within 10 seconds"
				    : "no ClientHello within 10 seconds",
			     ALERT_NONE);
	}
}

static void
await_first(struct conn *c)
{
	c->hello = mem_alloc(sizeof(*c->hello));
	loop_timer(&c->p->loop, &c->timer, TIMER_HELLO);
	first_ready(&c->data.side[CLIENT], 0); /* it is often there already */
}

/*
 * No rule speaks of name on this port.  Where one of some other name says that
 * TLS or HTTP is spoken here, or everybody knows, the first message is read
 * before anything is asked.
 */
static void
ask_first(struct conn *c, const char *name)
{
	const struct policy *p = &c->p->policy;
	int read = c->port == 443 || c->port == 80;

	for (size_t i = 0; i < p->allows; i++)
		read |= p->allow[i].rule.port == c->port &&
			(POLICY_TLS | POLICY_HTTP) &
				1u << p->allow[i].rule.proto;
	c->opaque = !read && c->port != 22;
	if (read)
		await_first(c);
	else if (!hold(c, name))
		refuse_name(c, name, NULL);
}

void
conn_start(struct proxy *p, int fd, unsigned port, const char *name, int alone)
{
	struct conn *c = mem_alloc(sizeof(*c));
	const struct deny *by;

	*c = (struct conn){.p = p, .next = p->conns, .port = (uint16_t)port,
			   .name = name, .id = (uint32_t)++p->last_id};
	c->data.pipes = &p->pipes;
	c->data.side[CLIENT] = (struct source){first_ready, fd, 0};
	c->data.side[SERVER].fd = -1;
	c->timer.fire = fired;
	if (p->conns)
		p->conns->prev = c;
	p->conns = c;
	p->n_conns++;
	if (!alone && !name) {
		refuse_bytes(c, NULL, 0, "not the address of a name",
			     ALERT_NONE);
		return;
	}
	if (!alone)
		c->rule = policy_find(&p->policy, name, port, POLICY_OPAQUE,
				      NULL);
	if (c->rule)
		dial(c);
	else if (!alone && !policy_find(&p->policy, name, port,
					POLICY_TLS | POLICY_HTTP, &by)) {
		if (!by)
			by = policy_denied(&p->policy, name, port);
		if (by || !ask_possible(p))
			refuse_name(c, name, by);
		else
			ask_first(c, name);
	}
	else
		await_first(c);
}

void
conn_cut(struct proxy *p, const struct deny *d)
{
	struct conn *c, *next;

	for (c = p->conns; c; c = next) {
		next = c->next;
		if (c->name && (d->any_port || d->rule.port == c->port) &&
		    rule_matches(&d->rule, c->name))
			end(c, 1, "denied");
	}
}

void
conn_end_all(struct proxy *p)
{
	while (p->conns)
		end(p->conns, 1, p->conns->open ? "the run ended" : NULL);
}
