/*
 * Whoever can open the socket is the same user, outside; all the same each
 * message is bounded and parsed strictly, there are few connections, and
 * nothing that one of them does or leaves undone makes the proxy wait: a reply
 * goes on when there is room for it, and an event without room is counted.
 *
 * A process inside has the same uid, and nothing that could be asked here tells
 * it from one outside (Landlock takes /proc/PID/ns away): that it does not see
 * the directory is what keeps it out, and pen(1) masks that whatever is shown.
 */
#include "pen-sni/control.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/control.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-sni/line.h"
#include "pen-sni/live.h"
#include "pen-sni/refusals.h"
#include "pen-sni/request.h"

/* Connections at a time; and those that keep a port there besides. */
#define CLIENTS_MAX 16
#define CARRIERS_MAX 64

struct client {
	struct source src;
	struct control *c;
	struct client *prev, *next;
	struct request request;
	int replying; /* to request */
	int waiting;  /* for pen-key, before that */
	/* who is to raise a budget, and the number of its answer */
	struct hand *hand;
	unsigned long ticket;
	char why[128];	   /* that it did not */
	size_t at;	   /* the reply's messages that were sent */
	const char *error; /* of the request, or NULL */
	int asks;	   /* wants the questions */
	int events;	   /* wants them */
	unsigned long missed;
};

struct control {
	struct source src; /* the listening socket */
	struct control_reach to;
	struct about about;
	int dir, pidfd;
	char *name;
	struct timespec since;
	struct client *clients;
	size_t n, carriers;  /* clients; those that keep a port there */
	struct timer resume; /* when accepting goes on */
	struct refusals refusals;
};

struct control *
control_open(const struct about *about)
{
	struct control *c = mem_alloc(sizeof(*c));

	c->about = *about;
	c->pidfd = -1;
	clock_gettime(CLOCK_REALTIME, &c->since);
	c->src.fd = control_create(about->pid, &c->dir, &c->name);
	return c;
}

void
control_fds(const struct control *c, int fds[2])
{
	fds[0] = c->src.fd;
	fds[1] = c->dir;
}

void
control_moved(struct control *c, int first, int pidfd)
{
	c->src.fd = first;
	c->dir = first + 1;
	c->pidfd = pidfd;
}

int
control_dir(const struct control *c)
{
	return c ? c->dir : -1;
}

void
control_event(struct control *c, const struct event *e)
{
	const char *name = e->name ? e->name : "";
	struct timespec now;

	if (!e->verdict || strcmp(e->verdict, "refused") != 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	refusals_add(&c->refusals, name,
		     e->name_len ? e->name_len : strlen(name), e->port, e->why,
		     e->allow, &now);
}

/* What the user changes is a decision too; what is in the way of it is not. */
static void
log_control(struct control *c, const char *verdict, const char *what)
{
	events_add(c->to.events, &(struct event){.kind = "control",
						 .always = 1,
						 .verdict = verdict,
						 .rule = what});
}

static void
end_client(struct client *cl)
{
	struct control *c = cl->c;
	const struct carried_port *port = carried_of(&c->about.carried, cl);

	if (port) {
		log_control(c, port->reach ? "unreach" : "unpublish",
			    port->text);
		carried_drop(&c->about.carried, port);
		c->carriers--;
	}
	loop_close(c->to.loop, &cl->src);
	if (cl->prev)
		cl->prev->next = cl->next;
	else
		c->clients = cl->next;
	if (cl->next)
		cl->next->prev = cl->prev;
	c->n--;
	free(cl);
}

/* Without the newline, which the end of the message is. */
static int
send_line(const struct client *cl, const char *text, size_t n)
{
	return send(cl->src.fd, text, n - 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0
		   ? -1
		   : 0;
}

/*
 * The log's tap.  A connection that failed is not ended here: this may be
 * called while it is being served, and its readiness will say so too.
 */
static void
tell_event(void *arg, const char *text, size_t n)
{
	struct control *c = arg;

	for (struct client *cl = c->clients; cl; cl = cl->next) {
		struct line note = {.n = 0};
		char why[64];

		if (!cl->events)
			continue;
		if (cl->missed) {
			snprintf(why, sizeof(why), "%lu events were missed",
				 cl->missed);
			line_text(&note, "kind", "log", 0);
			line_text(&note, "why", why, 0);
			line_end(&note);
		}
		if ((cl->missed && send_line(cl, note.buf, note.n) < 0) ||
		    send_line(cl, text, n) < 0)
			cl->missed++;
		else
			cl->missed = 0;
	}
}

/* How many have asked for questions. */
static size_t
count_askers(void *arg)
{
	const struct control *c = arg;
	size_t n = 0;

	for (const struct client *cl = c->clients; cl; cl = cl->next)
		n += (size_t)cl->asks;
	return n;
}

/* There is room for it: a few questions at a time, each once. */
static void
tell_askers(void *arg, const struct line *l)
{
	const struct control *c = arg;

	for (const struct client *cl = c->clients; cl; cl = cl->next)
		if (cl->asks)
			send_line(cl, l->buf, l->n);
}

static void
write_status(struct control *c, struct line *l)
{
	char *ports = listeners_ports(c->to.listeners);
	size_t rules = 0;
	unsigned seconds;
	const char *verdict;
	char rule[RULE_TEXT];

	while (live_describe(c->to.policy, rules, rule, &verdict, &seconds) ==
	       0)
		rules++;
	line_text(l, "session", c->name, 0);
	line_text(l, "agent", c->about.agent, 0);
	line_text(l, "project", c->about.project, 0);
	line_text(l, "log", c->about.log, 0);
	line_time(l, "since", &c->since);
	line_text(l, "ports", ports, 0);
	line_number(l, "connections", c->to.conns->n);
	line_number(l, "refusals", c->refusals.total);
	line_number(l, "rules", rules);
	line_bool(l, "asks", c->to.ask->asks);
	line_number(l, "listeners", count_askers(c));
	free(ports);
}

static void
write_refusal(const struct refusal *r, struct line *l)
{
	line_text(l, "name", r->name, 0);
	line_number(l, "port", r->port);
	line_number(l, "count", r->count);
	line_time(l, "first", &r->first);
	line_time(l, "last", &r->last);
	line_text(l, "why", r->why, 0);
	if (r->allow[0])
		line_text(l, "allow", r->allow, 0);
}

static void
write_port(const struct carried_port *p, struct line *l)
{
	line_text(l, "way", p->reach ? "reach" : "publish", 0);
	line_text(l, "ports", p->text, 0);
	line_number(l, "host", p->p.host);
	line_number(l, "inside", p->p.inside);
	line_number(l, "count", p->p.n);
	line_bool(l, "start", !p->by);
}

/* The i-th, of those that have told.  0, or -1: there are not so many. */
static int
write_budget(const struct hands *all, size_t i, struct line *l)
{
	size_t kind = i % SAID_BUDGETS, left = i / SAID_BUDGETS;
	const struct hand *h = all->v;

	while (h < all->v + all->n && (!*h->budget.per || left-- > 0))
		h++;
	if (h == all->v + all->n)
		return -1;
	line_text(l, "name", h->name, 0);
	line_text(l, "what", said_budgets[kind], 0);
	line_number(l, "used", h->budget.used[kind]);
	if (h->budget.limit[kind])
		line_number(l, "limit", h->budget.limit[kind]);
	line_text(l, "per", h->budget.per, 0);
	return 0;
}

/* Writes the next message of the reply to l; 1: it is the last. */
static int
write_reply(struct client *cl, struct line *l)
{
	struct control *c = cl->c;
	char rule[RULE_TEXT];
	const char *verdict;
	unsigned seconds;

	if (cl->error) {
		line_bool(l, "ok", 0);
		line_text(l, "error", cl->error, 0);
		return 1;
	}
	switch (cl->request.verb) {
	case REQUEST_STATUS:
		write_status(c, l);
		break;
	case REQUEST_DENIED:
		if (cl->at >= c->refusals.n)
			break;
		write_refusal(&c->refusals.v[cl->at], l);
		return 0;
	case REQUEST_RULES:
		if (live_describe(c->to.policy, cl->at, rule, &verdict,
				  &seconds) < 0)
			break;
		line_text(l, "verdict", verdict, 0);
		line_text(l, "rule", rule, 0);
		if (seconds)
			line_number(l, "seconds", seconds);
		return 0;
	case REQUEST_ASK:
		if (ask_describe(c->to.ask, cl->at, l) < 0)
			break;
		return 0;
	case REQUEST_PORTS:
		if (cl->at >= c->about.carried.n)
			break;
		write_port(&c->about.carried.v[cl->at], l);
		return 0;
	case REQUEST_BUDGET:
		if (write_budget(c->to.hands, cl->at, l) < 0)
			break;
		return 0;
	default:
		break;
	}
	line_bool(l, "ok", 1);
	return 1;
}

/* Whether it is answered with the pidfd. */
static int
needs_process(enum request_verb verb)
{
	return verb == REQUEST_STOP || verb == REQUEST_PORTS ||
	       verb == REQUEST_PUBLISH || verb == REQUEST_REACH;
}

/* Sends what there is room for.  0, or -1: the connection is over. */
static int
send_reply(struct client *cl)
{
	while (cl->replying) {
		struct line l = {.n = 0};
		int fd = cl->c->pidfd, last = write_reply(cl, &l), r;

		line_end(&l);
		r = last && !cl->error && needs_process(cl->request.verb)
			? fd_send(cl->src.fd, l.buf, l.n - 1, &fd, 1)
			: send_line(cl, l.buf, l.n);
		if (r < 0 && errno == EAGAIN)
			return loop_watch(cl->c->to.loop, &cl->src, EPOLLOUT);
		if (r < 0)
			return -1;
		cl->at++;
		cl->replying = !last;
	}
	return loop_watch(cl->c->to.loop, &cl->src, EPOLLIN);
}

/* What is wrong with a rule that is well-formed but could not work. */
static const char *
check_allow(const struct control_reach *to, const char *text)
{
	const struct deny *by;
	struct rule r;
	const char *why = rule_parse_allow(text, &r);

	if (why)
		return why;
	if (!listeners_have(to->listeners, r.port))
		return "that port has no socket in this session: put the rule "
		       "into pen.conf and start again";
	by = policy_denied(to->policy, r.name, r.port);
	if (by && !by->quiet && !by->life.live)
		return "a rule of the configuration denies it";
	return NULL;
}

static void
apply_denial(const struct control_reach *to)
{
	ask_review(to->ask);
	conn_cut(to->conns, &to->policy->deny[to->policy->denies - 1]);
}

/* The port is there until the connection ends, which is not counted then. */
static const char *
carry(struct client *cl)
{
	struct control *c = cl->c;
	int reach = cl->request.verb == REQUEST_REACH;
	const char *why;
	struct ports p;

	if (c->to.events->closed)
		return "nothing is let through: the log cannot be written";
	if (carried_of(&c->about.carried, cl))
		return "this connection keeps a port already";
	if (c->carriers == CARRIERS_MAX)
		return "the session carries too many ports";
	why = ports_parse(cl->request.rule, !reach, &p);
	for (unsigned i = 0; !why && i < p.n; i++)
		if (listeners_have(c->to.listeners, p.inside + i))
			why = "pen-sni has that port inside: use another one";
	if (!why)
		why =
		    carried_add(&c->about.carried, reach, cl->request.rule, cl);
	c->carriers += !why;
	return why;
}

static const char *
uncarry(struct client *cl)
{
	struct control *c = cl->c;
	const struct carried_port *port =
	    carried_find(&c->about.carried, cl->request.verb == REQUEST_UNREACH,
			 cl->request.rule);

	if (!port)
		return "there is no such port";
	if (!port->by)
		return "the port is of the start, and stays";
	for (struct client *o = c->clients; o; o = o->next)
		if (o == port->by && o != cl) {
			end_client(o);
			return NULL;
		}
	return "this connection keeps the port itself";
}

/* The reply goes on when pen-key has answered. */
static const char *
ask_budgets(struct client *cl)
{
	struct hands *h = cl->c->to.hands;

	for (size_t i = 0; i < h->n; i++)
		cl->waiting |= hand_ask(&h->v[i], "budget") == 0;
	return NULL;
}

static const char *
raise_budget(struct client *cl)
{
	char text[sizeof("raise ") + REQUEST_RAISE_MAX];

	cl->hand = hand_find(cl->c->to.hands, cl->request.rule);
	if (!cl->hand)
		return "pen-key serves no such name";
	snprintf(text, sizeof(text), "raise %s", cl->request.raise);
	if (hand_ask(cl->hand, text) < 0)
		return "pen-key takes no more requests";
	cl->ticket = cl->hand->asked;
	cl->waiting = 1;
	return NULL;
}

/* Does what is asked.  NULL, or what is wrong. */
static const char *
do_request(struct client *cl)
{
	const struct control_reach *to = &cl->c->to;
	const struct request *q = &cl->request;
	const char *why;

	if (needs_process(q->verb) && cl->c->pidfd < 0)
		return "this session runs no program";
	switch (q->verb) {
	case REQUEST_ALLOW:
		why = check_allow(to, q->rule);
		if (!why)
			why = live_allow(to->policy, q->rule, q->seconds);
		if (!why)
			ask_review(to->ask);
		return why;
	case REQUEST_DENY:
		why = live_deny(to->policy, q->rule, q->seconds);
		if (!why)
			apply_denial(to);
		return why;
	case REQUEST_UNDO:
		return live_undo(to->policy, q->rule) ? NULL
						      : "there is no such live "
							"rule";
	case REQUEST_EVENTS:
		cl->events = 1;
		return NULL;
	case REQUEST_ASK:
		if (!to->ask->asks)
			return "this session asks nothing: ask = true in "
			       "pen.conf";
		cl->asks = 1;
		return NULL;
	case REQUEST_ANSWER:
		return ask_answer(to->ask, q->id,
				  q->answer == REQUEST_ONCE	 ? ASK_ONCE
				  : q->answer == REQUEST_DENY_IT ? ASK_DENY
								 : ASK_ALLOW,
				  q->seconds);
	case REQUEST_PUBLISH:
	case REQUEST_REACH:
		return carry(cl);
	case REQUEST_UNPUBLISH:
	case REQUEST_UNREACH:
		return uncarry(cl);
	case REQUEST_BUDGET:
		return ask_budgets(cl);
	case REQUEST_RAISE:
		return raise_budget(cl);
	default:
		return NULL;
	}
}

/* What has been changed. */
static void
log_change(const struct client *cl)
{
	static const char *const verdicts[REQUEST_VERBS] = {
	    [REQUEST_ALLOW] = "allow", [REQUEST_DENY] = "deny",
	    [REQUEST_UNDO] = "undo",   [REQUEST_PUBLISH] = "publish",
	    [REQUEST_REACH] = "reach", [REQUEST_RAISE] = "raise",
	};
	const char *verdict = verdicts[cl->request.verb];
	char what[RULE_TEXT + REQUEST_RAISE_MAX + 2];

	snprintf(what, sizeof(what), "%s%s%s", cl->request.rule,
		 *cl->request.raise ? " " : "", cl->request.raise);
	if (!cl->error && verdict)
		log_control(cl->c, verdict, what);
}

/* All that was asked for is there. */
static void
begin_reply(struct client *cl)
{
	cl->waiting = 0;
	log_change(cl);
	cl->replying = 1;
	cl->at = 0;
	if (send_reply(cl) < 0)
		end_client(cl);
}

/* Whether pen-key has answered what the client waits for. */
static int
is_answered(const struct client *cl, const struct hand *by)
{
	const struct hands *h = cl->c->to.hands;

	if (cl->request.verb == REQUEST_RAISE)
		return by == cl->hand && by->answered == cl->ticket;
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].answered < h->v[i].asked)
			return 0;
	return 1;
}

static void
hand_told(void *arg, struct hand *h, const char *why)
{
	struct control *c = arg;

	for (struct client *cl = c->clients, *next; cl; cl = next) {
		next = cl->next;
		if (!cl->waiting || !is_answered(cl, h))
			continue;
		if (why && cl->request.verb == REQUEST_RAISE) {
			snprintf(cl->why, sizeof(cl->why), "%s", why);
			cl->error = cl->why;
		}
		begin_reply(cl);
	}
}

static void
client_ready(struct source *s, uint32_t events)
{
	struct client *cl = (struct client *)s;
	char text[CONTROL_REQUEST_MAX + 1];
	ssize_t n;

	(void)events;
	if (!cl->replying) {
		n = recv(s->fd, text, sizeof(text), MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0 || cl->waiting) { /* or it did not wait */
			end_client(cl);
			return;
		}
		cl->error = n > CONTROL_REQUEST_MAX
				? "the request is too long"
				: request_parse(text, (size_t)n, &cl->request);
		if (!cl->error)
			cl->error = do_request(cl);
		if (!cl->waiting)
			begin_reply(cl);
		return;
	}
	if (send_reply(cl) < 0)
		end_client(cl);
}

/* Root gets past the modes, and has its own ways. */
static int
is_user(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       peer.uid == geteuid();
}

static void
resume_accepting(struct timer *t)
{
	struct control *c =
	    (struct control *)((char *)t - offsetof(struct control, resume));

	loop_watch(c->to.loop, &c->src, EPOLLIN);
}

static void
listener_ready(struct source *s, uint32_t events)
{
	struct control *c = (struct control *)s;
	struct client *cl;
	int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)events;
	if (fd < 0) {
		if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
			return;
		/* out of descriptors or memory: it would spin otherwise */
		loop_watch(c->to.loop, s, 0);
		loop_timer(c->to.loop, &c->resume, TIMER_TICK);
		return;
	}
	if (c->n - c->carriers >= CLIENTS_MAX || !is_user(fd)) {
		close(fd);
		return;
	}
	cl = mem_alloc(sizeof(*cl));
	*cl = (struct client){
	    .src = {client_ready, fd, 0}, .c = c, .next = c->clients};
	if (c->clients)
		c->clients->prev = cl;
	c->clients = cl;
	c->n++;
	if (loop_watch(c->to.loop, &cl->src, EPOLLIN) < 0)
		end_client(cl);
}

void
control_start(struct control *c, const struct control_reach *to)
{
	if (!c)
		return;
	c->to = *to;
	c->src.ready = listener_ready;
	c->resume.fire = resume_accepting;
	to->events->log.tap = tell_event;
	to->events->log.tap_arg = c;
	to->hands->told = hand_told;
	to->hands->arg = c;
	to->ask->audience = (struct audience){count_askers, tell_askers, c};
	if (loop_watch(to->loop, &c->src, EPOLLIN) < 0)
		die(ERR_TOOL, "cannot wait for events: %m");
}

void
control_close(struct control *c)
{
	if (!c)
		return;
	c->about.carried.n = 0; /* the log ends too */
	c->to.hands->told = NULL;
	while (c->clients)
		end_client(c->clients);
	loop_close(c->to.loop, &c->src);
	control_remove(c->dir, c->name);
}
