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
#include "pen-sni/audit.h"
#include "pen-sni/handshake.h"
#include "pen-sni/web.h"

/* RFC 8446 section 6 */
enum alert {
	ALERT_NONE = 0,
	ALERT_ACCESS_DENIED = 49,
	ALERT_DECODE_ERROR = 50,
	ALERT_INTERNAL_ERROR = 80,
	ALERT_UNRECOGNIZED_NAME = 112,
};

#define LIMIT_SPENT "the limit on what is sent there is used up"

/* What each connection has room for anyway, until it is decided on. */
#define FIRST_ROOM 4096

/*
 * First messages (ClientHellos, heads of requests) that are not decided on yet:
 * bytes beyond FIRST_ROOM of each.
 */
#define UNREAD_MAX (16u << 20)

/* What a connection does; states[] has what happens then. */
enum conn_state {
	CONN_FIRST, /* reads the first message */
	CONN_HELD,  /* waits for an answer to whether it may go on */
	CONN_DIALLING,
	CONN_OPEN, /* both sides are there */
	CONN_STATES
};

struct conn {
	struct conns *of;
	struct conn *prev, *next;
	struct timer timer;
	struct splice data;
	struct handshake *tls; /* until it is encrypted */
	struct web *web;       /* plain HTTP */
	union {
		struct dial *dial; /* while CONN_DIALLING */
		struct held *held; /* while CONN_HELD */
	};
	const char *name; /* decided on, or resolved; of the names */
	const struct allow *rule;
	uint32_t id;
	uint16_t port;
	uint8_t state;
	uint8_t opaque; /* asked about where nothing is read */
};
static_assert(sizeof(struct conn) <= 248, "256 bytes with malloc(3)'s own");

/* What happens in a state; all of them NULL: nothing. */
struct conn_acts {
	/* The client's side has reported events. */
	void (*client)(struct conn *c, uint32_t events);
	/* It has been in the state for too long. */
	void (*expired)(struct conn *c);
	/* The connection ends there. */
	void (*leave)(struct conn *c);
};
static const struct conn_acts states[CONN_STATES];

static const char *
protocol_name(const struct conn *c)
{
	if (c->web)
		return "http";
	if (c->tls || (c->rule && c->rule->rule.proto == RULE_TLS))
		return "tls";
	return "tcp";
}

/* Its part of what is unread. */
static size_t
unread_bytes(const struct conn *c)
{
	return c->state == CONN_OPEN || c->data.early_room <= FIRST_ROOM
		   ? 0
		   : c->data.early_room - FIRST_ROOM;
}

static void
free_conn(struct conn *c)
{
	struct conns *all = c->of;

	loop_untimer(&c->timer);
	if (c->prev)
		c->prev->next = c->next;
	else
		all->first = c->next;
	if (c->next)
		c->next->prev = c->prev;
	all->n--;
	free(c->tls);
	free(c->web);
	free(c);
	all->ended(all->arg);
}

/* The end of a connection; what was dialled gets its closing event. */
static void
end_conn(struct conn *c, int reset, const char *why)
{
	if (states[c->state].leave)
		states[c->state].leave(c);
	if (c->state == CONN_OPEN)
		events_add(c->of->events,
			   &(struct event){
			       .kind = "close",
			       .name = c->name,
			       .port = c->port,
			       .id = c->id,
			       .why = why,
			       .traffic = 1,
			       .up = c->data.flow[CLIENT].bytes,
			       .down = c->data.flow[SERVER].bytes,
			   });
	c->of->unread -= unread_bytes(c);
	splice_close(c->of->loop, &c->data, reset);
	free_conn(c);
}

static void
leave_question(struct conn *c)
{
	if (c->held)
		ask_forget(c->held);
}

static void
leave_dial(struct conn *c)
{
	if (c->dial)
		dial_cancel(c->dial);
}

/* The last that the client is told, if it is there to be told. */
static void
end_saying(struct conn *c, const void *text, size_t n)
{
	send(c->data.side[CLIENT].fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(c->data.side[CLIENT].fd, SHUT_WR);
	end_conn(c, 0, NULL);
}

/*
 * Ends it before any byte went through, with an alert or an answer where one
 * is understood.
 */
static void
refuse_conn(struct conn *c, enum alert alert)
{
	int tls = c->data.early_n > 1 && c->data.early[0] == 22;
	/* type alert, TLS 1.2 on the wire, 2 bytes: fatal, alert */
	uint8_t record[] = {21, 3, 3, 0, 2, 2, (uint8_t)alert};
	const char *text =
	    web_refusal(c->web, alert == ALERT_ACCESS_DENIED	? WEB_FORBIDDEN
				: alert == ALERT_INTERNAL_ERROR ? WEB_UNREACHED
								: WEB_BAD);

	if (alert == ALERT_NONE || c->state == CONN_OPEN)
		end_conn(c, 1, NULL);
	else if (text)
		end_saying(c, text, strlen(text));
	else if (tls)
		end_saying(c, record, sizeof(record));
	else
		end_conn(c, 1, NULL);
}

/* The rule that would allow name here. */
static struct rule
wanted_rule(const struct conn *c, const char *name)
{
	struct rule r = {.proto = c->opaque	  ? RULE_TCP
				  : c->port == 22 ? RULE_SSH
				  : c->web || (c->port == 80 && !c->tls)
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
	struct rule r = wanted_rule(c, name);
	int managed = !policy_may_allow(c->of->policy, &r);

	if (by)
		rule_format(&by->rule, text, sizeof(text));
	rule_format(&r, allow, sizeof(allow));
	events_add(c->of->events,
		   &(struct event){
		       .kind = protocol_name(c),
		       .verdict = by && by->quiet ? "quiet" : "refused",
		       .name = name,
		       .port = c->port,
		       .id = c->id,
		       .why = by	? "denied"
			      : managed ? POLICY_MANAGED
					: "not allowed",
		       .rule = by ? text : NULL,
		       .allow = by || managed ? NULL : allow,
		   });
	refuse_conn(c, ALERT_ACCESS_DENIED);
}

/* Refuses with the bytes of a name, if there are any, as they came. */
static void
refuse_bytes(struct conn *c, const char *name, size_t n, const char *why,
	     enum alert alert)
{
	events_add(c->of->events, &(struct event){
				      .kind = protocol_name(c),
				      .verdict = "refused",
				      .name = n ? name : c->name,
				      .name_len = n,
				      .port = c->port,
				      .id = c->id,
				      .why = why,
				  });
	refuse_conn(c, alert);
}

/* Refuses a connection to an address that stands for no name. */
static void
refuse_address(struct conn *c, int fd)
{
	char text[ADDR_TEXT];
	union addr a = {0};
	socklen_t len = sizeof(a);
	int known = getsockname(fd, &a.sa, &len) == 0;

	events_add(c->of->events,
		   &(struct event){
		       .kind = protocol_name(c),
		       .verdict = "refused",
		       .address = known ? addr_text(&a, text) : NULL,
		       .port = c->port,
		       .id = c->id,
		       .why = "not the address of a name",
		   });
	refuse_conn(c, ALERT_NONE);
}

/* From now on the client's bytes pass as they are. */
static void
stop_looking(struct conn *c)
{
	c->data.look = NULL;
	c->data.early_ok = c->data.early_n;
	free(c->tls);
	c->tls = NULL;
}

/*
 * The client's bytes wait for what the server answers: whether it agreed to a
 * WebSocket, or wants another ClientHello.
 */
static void
look_at_answer(struct conn *c)
{
	int fd = c->data.side[SERVER].fd;
	uint8_t first[HANDSHAKE_ANSWER];
	ssize_t n;

	if (c->web) {
		if (web_answered(c->web, fd))
			stop_looking(c);
		return;
	}
	n = recv(fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	handshake_answered(c->tls, first, n < 0 ? 0 : (size_t)n,
			   n <= 0 || c->data.flow[SERVER].ending);
}

static int
client_is_held(const struct conn *c)
{
	return c->data.look && c->data.look->hold[CLIENT];
}

static void
pump_conn(struct conn *c)
{
	enum splice_state s;
	const char *why;

	if (c->data.look && c->data.look->hold[SERVER] &&
	    c->data.flow[SERVER].ready)
		look_at_answer(c);
	s = splice_pump(c->of->loop, &c->data);
	if (c->tls && c->tls->state == HANDSHAKE_DONE)
		stop_looking(c);
	why = c->data.flow[CLIENT].spent ? LIMIT_SPENT
	      : c->web			 ? c->web->why
	      : c->tls			 ? c->tls->why
					 : NULL;
	if (s == SPLICE_FAILED && why)
		refuse_bytes(c, NULL, 0, why, ALERT_NONE);
	else if (s == SPLICE_DONE || s == SPLICE_FAILED)
		end_conn(c, s == SPLICE_FAILED,
			 s == SPLICE_FAILED ? "reset" : NULL);
	else
		loop_timer(c->of->loop, &c->timer,
			   c->data.starved     ? TIMER_TICK
			   : client_is_held(c) ? TIMER_DIAL
			   : s == SPLICE_HALF  ? TIMER_HALF
					       : TIMER_IDLE);
}

static struct conn *
conn_of_client(struct source *s)
{
	return (struct conn *)((char *)s -
			       offsetof(struct conn, data.side[CLIENT]));
}

static void
client_ready(struct source *s, uint32_t events)
{
	struct conn *c = conn_of_client(s);

	splice_ready(&c->data, CLIENT, events);
	if (states[c->state].client)
		states[c->state].client(c, events);
}

static void
open_client(struct conn *c, uint32_t events)
{
	if (client_is_held(c) && events & (EPOLLHUP | EPOLLERR))
		end_conn(c, 1, "reset"); /* nothing is read that would tell */
	else
		pump_conn(c);
}

static void
server_ready(struct source *s, uint32_t events)
{
	struct conn *c =
	    (struct conn *)((char *)s -
			    offsetof(struct conn, data.side[SERVER]));

	splice_ready(&c->data, SERVER, events);
	pump_conn(c);
}

static void
dial_ended(void *arg, struct source *s, const union addr *a, int refused,
	   const char *why)
{
	struct conn *c = arg;
	struct source *server = &c->data.side[SERVER];
	char rule[RULE_TEXT], address[ADDR_TEXT];

	c->dial = NULL;
	rule_format(&c->rule->rule, rule, sizeof(rule));
	events_add(c->of->events,
		   &(struct event){
		       .kind = protocol_name(c),
		       .verdict = s	    ? "allowed"
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
		/* outside nobody would say it by TLS: an alert looks as if
		 * somebody was in between */
		refuse_conn(c, c->tls	 ? ALERT_NONE
			       : refused ? ALERT_ACCESS_DENIED
					 : ALERT_INTERNAL_ERROR);
		return;
	}
	server->ready = server_ready;
	c->of->unread -= unread_bytes(c);
	c->state = CONN_OPEN;
	if (loop_move(c->of->loop, s, server, SPLICE_EVENTS) < 0) {
		end_conn(c, 1, NULL);
		return;
	}
	if (c->web) {
		c->data.look = &c->web->look;
		web_dialled(c->web, server->fd);
	} else if (c->tls) {
		c->data.look = &c->tls->look;
	} else {
		c->data.early_ok = c->data.early_n;
	}
	pump_conn(c);
}

/* The limit on what is sent to its name, if that is used up. */
static struct limit *
spent_limit(const struct conn *c)
{
	struct limit *l = c->name ? policy_limit(c->of->policy, c->name) : NULL;

	return l && l->left == 0 ? l : NULL;
}

static int hold_for_answer(struct conn *c, const char *name);

/* Whether nothing more may be sent to its name; then it is refused, or asked
 * about. */
static int
stop_at_limit(struct conn *c)
{
	if (!spent_limit(c))
		return 0;
	if (c->of->ask->audit || !hold_for_answer(c, c->name))
		refuse_bytes(c, NULL, 0, LIMIT_SPENT, ALERT_ACCESS_DENIED);
	return 1;
}

static void
start_dial(struct conn *c)
{
	const struct pin *pin = policy_pinned(c->of->policy, c->name, c->port);
	struct target t = {.name = c->name,
			   .port = c->port,
			   .private = policy_is_private(c->of->policy, c->name),
			   .slow = &fakeip_name(c->name)->slow,
			   .talks = c->data.early_n > 0};
	struct limit *l = policy_limit(c->of->policy, c->name);
	struct dial *d;

	if (stop_at_limit(c))
		return;
	c->data.allowance = l ? &l->left : NULL;
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
	if (!t.any && !t.private && c->of->upstream->port)
		t.via = c->of->upstream;
	c->state = CONN_DIALLING;
	/* a name that does not answer is not to take the place of others */
	if (*t.slow >= c->of->max / 2) {
		dial_ended(c, NULL, NULL, 0,
			   "too many connections to it are being made");
		return;
	}
	loop_timer(c->of->loop, &c->timer, TIMER_DIAL);
	d = dial_start(&c->of->dials, &t, dial_ended, c);
	if (d)
		c->dial = d; /* otherwise c may be gone */
}

/* What is held says nothing more; if the client goes away, so does it. */
static void
held_client(struct conn *c, uint32_t events)
{
	if (events & (EPOLLHUP | EPOLLERR))
		end_conn(c, 1, NULL);
}

static void
question_answered(void *arg, const struct allow *rule)
{
	struct conn *c = arg;

	struct limit *spent = spent_limit(c);

	c->held = NULL;
	c->rule = rule;
	if (rule && spent)
		spent->left = spent->size;
	if (rule)
		start_dial(c);
	else
		refuse_name(c, c->name,
			    policy_denied(c->of->policy, c->name, c->port));
}

static void
set_name(struct conn *c, int number)
{
	c->name = fakeip_text(c->of->names, number);
	if (c->web)
		c->web->name = c->name;
	if (c->tls)
		c->tls->name = c->name;
}

/*
 * Asks about name, which no rule speaks of, and holds the connection until
 * there is an answer; or lets it through, in an audit.  Whether it goes on.
 */
static int
hold_for_answer(struct conn *c, const char *name)
{
	struct source *s = &c->data.side[CLIENT];
	struct rule r = wanted_rule(c, name);
	int fresh, number = fakeip_number(c->of->names, name, 1,
					  c->of->loop->now, &fresh);

	if (number < 0)
		return 0;
	c->rule = NULL; /* of what allows it already the limit is used up */
	if (c->of->ask->audit)
		c->rule = audit_allow(c->of->ask->policy, c->of->events, &r);
	else
		c->held = ask_hold(c->of->ask, &r, spent_limit(c) != NULL,
				   question_answered, c);
	if (!c->held && !c->rule)
		return 0;
	set_name(c, number);
	if (c->rule) {
		start_dial(c);
		return 1;
	}
	c->state = CONN_HELD;
	loop_untimer(&c->timer);
	if (s->events) /* it may have gone away in what was read */
		loop_again(c->of->loop, s);
	else
		loop_watch(c->of->loop, s, SPLICE_EVENTS);
	return 1;
}

/* The name is what the program says it wants: decides on it. */
static void
decide_name(struct conn *c, const char *name)
{
	const struct deny *by;
	int number, fresh;

	c->rule = policy_find(c->of->policy, name, c->port,
			      c->web ? POLICY_HTTP : POLICY_TLS, &by);
	if (!c->rule) {
		if (!by)
			by = policy_denied(c->of->policy, name, c->port);
		if (by || !hold_for_answer(c, name))
			refuse_name(c, name, by);
		return;
	}
	number = fakeip_number(c->of->names, name, c->rule->rule.wildcard,
			       c->of->loop->now, &fresh);
	if (number < 0) {
		refuse_bytes(c, name, strlen(name), "too many new names",
			     ALERT_INTERNAL_ERROR);
		return;
	}
	set_name(c, number);
	start_dial(c);
}

/* A whole ClientHello is there. */
static void
decide_tls(struct conn *c)
{
	char name[RULE_NAME_MAX + 1];

	const struct hello *h = &c->tls->hello;

	if (rule_name(h->name, h->name_len, name) < 0)
		refuse_bytes(c, h->name, h->name_len,
			     "the server name is not a host name",
			     ALERT_UNRECOGNIZED_NAME);
	else
		decide_name(c, name);
}

/* Whether there has to be more of it. */
static int
look_at_head(struct conn *c)
{
	char name[RULE_NAME_MAX + 1];
	const struct http *h = &c->web->http;
	enum http_state s =
	    web_first(c->web, c->data.early, c->data.early_n, name);

	if (s == HTTP_HEAD)
		decide_name(c, name);
	else if (s == HTTP_BAD)
		refuse_bytes(c, (char *)c->data.early + h->host_at, h->host_len,
			     c->web->why, ALERT_DECODE_ERROR);
	return s == HTTP_MORE;
}

static int
look_at_hello(struct conn *c)
{
	switch (hello_parse(&c->tls->hello, c->data.early, c->data.early_n)) {
	case HELLO_MORE:
		return 1;
	case HELLO_OK:
		decide_tls(c);
		break;
	case HELLO_BAD:
		refuse_bytes(c, NULL, 0, c->tls->hello.why, ALERT_DECODE_ERROR);
		break;
	case HELLO_NONE:
		refuse_bytes(c, NULL, 0, c->tls->hello.why,
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
	const struct policy *p = c->of->policy;
	int asked =
	    c->port == 80 && c->data.early[0] != 22 && ask_possible(c->of->ask);

	if (!asked &&
	    (!c->name || !policy_find(p, c->name, c->port, POLICY_HTTP, NULL) ||
	     (c->data.early[0] == 22 &&
	      policy_find(p, c->name, c->port, POLICY_TLS, NULL))))
		return;
	free(c->tls);
	c->tls = NULL;
	c->web = web_new(c->port);
}

/* Reads what is there of the first message, and keeps it for the server. */
static void
first_client(struct conn *c, uint32_t events)
{
	struct source *s = &c->data.side[CLIENT];
	ssize_t n;

	(void)events;
	do {
		int first = c->data.early_n == 0;
		size_t before = unread_bytes(c);

		n = splice_read_early(&c->data);
		c->of->unread += unread_bytes(c) - before;
		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (loop_watch(c->of->loop, s, SPLICE_EVENTS) < 0)
				end_conn(c, 1, NULL);
			return;
		}
		if (n <= 0) { /* it said nothing: nothing to decide */
			end_conn(c, n < 0, NULL);
			return;
		}
		if (unread_bytes(c) > before && c->of->unread > UNREAD_MAX) {
			refuse_bytes(c, NULL, 0,
				     "too many unfinished first messages",
				     ALERT_INTERNAL_ERROR);
			return;
		}
		if (first)
			choose_protocol(c);
	} while (c->web ? look_at_head(c) : look_at_hello(c));
}

static void
first_expired(struct conn *c)
{
	refuse_bytes(c, NULL, 0,
		     c->web ? "no request within 10 seconds"
			    : "no ClientHello within 10 seconds",
		     ALERT_NONE);
}

static void
dial_expired(struct conn *c)
{
	dial_cancel(c->dial);
	dial_ended(c, NULL, NULL, 0, "no connection within 30 seconds");
}

static void
open_expired(struct conn *c)
{
	if (c->data.starved)
		pump_conn(c);
	else
		end_conn(c, 1, "silent for too long");
}

/* What is dialled is looked at once that has been done. */
static const struct conn_acts states[CONN_STATES] = {
    [CONN_FIRST] = {first_client, first_expired, NULL},
    [CONN_HELD] = {held_client, NULL, leave_question},
    [CONN_DIALLING] = {NULL, dial_expired, leave_dial},
    [CONN_OPEN] = {open_client, open_expired, NULL},
};
static void
timer_fired(struct timer *t)
{
	struct conn *c =
	    (struct conn *)((char *)t - offsetof(struct conn, timer));

	states[c->state].expired(c);
}

static void
await_first(struct conn *c)
{
	c->tls = mem_alloc(sizeof(*c->tls));
	c->tls->look = (struct look){handshake_judge, {[SERVER] = 1}};
	loop_timer(c->of->loop, &c->timer, TIMER_HELLO);
	first_client(c, 0); /* it is often there already */
}

/*
 * No rule speaks of name on this port.  Where one of some other name says that
 * TLS or HTTP is spoken here, or everybody knows, the first message is read
 * before anything is asked.
 */
static void
ask_first(struct conn *c, const char *name)
{
	const struct policy *p = c->of->policy;
	int read = c->port == 443 || c->port == 80;

	for (size_t i = 0; i < p->allows; i++)
		read |=
		    p->allow[i].rule.port == c->port &&
		    (POLICY_TLS | POLICY_HTTP) & 1u << p->allow[i].rule.proto;
	c->opaque = !read && c->port != 22;
	if (read)
		await_first(c);
	else if (!hold_for_answer(c, name))
		refuse_name(c, name, NULL);
}

int
conn_room(const struct conns *all)
{
	return all->n < all->max;
}

/* Somebody else serves it; whether it has been handed over. */
static int
hand_over(struct conn *c)
{
	struct hand *h = c->port == HAND_PORT && c->name
			     ? hand_find(c->of->hands, c->name)
			     : NULL;

	if (!h || hand_give(h, c->data.side[CLIENT].fd) < 0)
		return 0;
	end_conn(c, 0, NULL);
	return 1;
}

/* What is done first: the rules say what has to be read before dialling. */
static void
begin_conn(struct conn *c, int alone)
{
	const struct policy *p = c->of->policy;
	const struct deny *by = NULL;

	if (!alone && hand_over(c))
		return;
	if (!alone)
		c->rule = policy_find(p, c->name, c->port, POLICY_OPAQUE, NULL);
	if (c->rule) {
		start_dial(c);
	} else if (alone || policy_find(p, c->name, c->port,
					POLICY_TLS | POLICY_HTTP, &by)) {
		await_first(c);
	} else {
		if (!by)
			by = policy_denied(p, c->name, c->port);
		if (by || !ask_possible(c->of->ask))
			refuse_name(c, c->name, by);
		else
			ask_first(c, c->name);
	}
}

void
conn_start(struct conns *all, int fd, unsigned port, const char *name,
	   int alone)
{
	struct conn *c = mem_alloc(sizeof(*c));

	*c = (struct conn){.of = all,
			   .next = all->first,
			   .port = (uint16_t)port,
			   .name = name,
			   .id = (uint32_t)++all->last_id};
	c->data.pipes = &all->pipes;
	c->data.side[CLIENT] = (struct source){client_ready, fd, 0};
	c->data.side[SERVER].fd = -1;
	c->timer.fire = timer_fired;
	if (all->first)
		all->first->prev = c;
	all->first = c;
	all->n++;
	if (all->events->closed)
		refuse_bytes(c, NULL, 0, "the log cannot be written",
			     ALERT_NONE);
	else if (!alone && !name)
		refuse_address(c, fd);
	else
		begin_conn(c, alone);
}

void
conn_cut(struct conns *all, const struct deny *d)
{
	struct conn *c, *next;

	for (c = all->first; c; c = next) {
		next = c->next;
		if (c->name && (d->any_port || d->rule.port == c->port) &&
		    rule_matches(&d->rule, c->name))
			end_conn(c, 1, "denied");
	}
}

void
conn_end_all(struct conns *all, const char *why)
{
	while (all->first)
		end_conn(all->first, 1, why);
}
