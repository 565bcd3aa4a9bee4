#include "pen-key/client.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/mem.h"
#include "pen-key/body.h"
#include "pen-key/usage.h"

/* A head fits, and it is what is read of a body at a time. */
#define IN_MAX HTTP_HEAD_MAX

/* What libcurl gives at a time, as a chunk; or a head with its fields. */
#define OUT_MAX (CURL_MAX_WRITE_SIZE + 1024)
static_assert(OUT_MAX >= UPSTREAM_FIELDS_MAX + 512, "a head fits");

enum client_state {
	CLIENT_IDLE,	/* reads a head */
	CLIENT_HELD,	/* reads the commands of a push, which is held */
	CLIENT_SERVED,	/* its request is at the API */
	CLIENT_LEAVING, /* has its last answer; what it still sends is dropped
			 */
};

/* A push: nothing of it is sent before its commands were judged. */
struct held {
	struct pkt_push push;
	struct judged head;
	uint8_t rest[IN_MAX]; /* of the pack, read with the commands */
	size_t rest_n, given; /* of commands and rest, to the API */
};

/* What there is only while a request goes on. */
struct work {
	struct transfer *transfer; /* NULL: it is over */
	struct held *held_push;	   /* or NULL */
	int64_t length;		   /* of the body: upstream.h */
	enum judge_method method;
	char path[JUDGE_TARGET_MAX + 1];
	int old; /* HTTP/1.0 */
	struct body body;
	struct usage usage;
	uint64_t up, down;
	uint64_t held; /* of the budget's tokens */
	int status;
	int answered;	     /* the API's own status, or 0 */
	unsigned headed : 1; /* the answer has begun */
	unsigned chunked : 1;
	unsigned hungry : 1;   /* the API waits for more of the body */
	unsigned ended : 1;    /* the body has been read to its end */
	unsigned replaced : 1; /* the API's body is not passed on */
	unsigned spent : 1;    /* a budget is used up */
	unsigned sent : 1;     /* the API has some of it, or may have */
	const char *why;       /* of a refusal in its middle */
};

struct client {
	struct source src;
	struct timer timer;
	struct clients *of;
	struct client *prev, *next;
	enum client_state state;
	struct http http;
	struct work *work;
	size_t in_at, in_n, out_at, out_n;
	uint8_t *in; /* while something is in it */
	char *out;
	int begun;  /* a head is read */
	int closes; /* after the answer */
	int gone;
};

static void
free_work(struct client *c)
{
	struct work *w = c->work;

	if (!w)
		return;
	if (w->transfer)
		upstream_cancel(w->transfer);
	body_free(&w->body);
	free(w->held_push);
	free(w);
	c->work = NULL;
}

/*
 * A token has some four bytes: where an answer did not come to the words that
 * say how many there were, or has none.  One that was cut before may have cost
 * as much as another: what it is about need not be in its request.
 */
static uint64_t
count_tokens(const struct client *c, int whole)
{
	const struct work *w = c->work;
	const struct budget *b = c->of->budget;
	uint64_t said = usage_tokens(&w->usage), least = (w->up + w->down) / 4;

	if (said > 0 && (whole || said > least))
		return said;
	if (w->method != JUDGE_POST)
		return 0;
	return !whole && said == 0 && b->most > least ? b->most : least;
}

/* Whether the API has worked on it, or may have: it has the whole request. */
static int
is_spent(const struct work *w)
{
	return w->answered ? w->answered < 300 : w->ended && !w->why;
}

/* Each update of a push that was sent, whatever became of it. */
static void
report_updates(const struct client *c)
{
	const struct work *w = c->work;
	const struct pkt_push *p = &w->held_push->push;
	char path[JUDGE_TARGET_MAX + 1], what[PKT_REF_MAX + 32];

	snprintf(path, sizeof(path), "%.*s",
		 (int)(strrchr(w->path, '/') - w->path), w->path);
	for (size_t i = 0; i < p->updates; i++) {
		const struct pkt_update *u = &p->update[i];
		const char *old = p->text + u->oid;

		snprintf(what, sizeof(what), "%.*s %.10s..%.10s", (int)u->ref_n,
			 p->text + u->ref, old, old + p->oid_n + 1);
		report_request(c->of->report, &(struct report_request){
						  .method = "PUSH",
						  .path = path,
						  .status = w->status,
						  .why = what,
					      });
	}
}

static void
report(const struct client *c, const char *why)
{
	struct work *w = c->work;
	struct budget *b = c->of->budget;

	if (w->sent && w->held_push)
		report_updates(c);
	budget_end(b, is_spent(w) ? count_tokens(c, !why) : 0, &w->held);
	if (budget_tell(b, why))
		report_spent(c->of->report, why);
	report_request(c->of->report, &(struct report_request){
					  .method = judge_methods[w->method],
					  .path = w->path,
					  .status = w->status,
					  .up = w->up,
					  .down = w->down,
					  .tokens = usage_tokens(&w->usage),
					  .why = why,
				      });
}

static void
end_client(struct client *c)
{
	struct clients *all = c->of;

	if (c->work)
		report(c, "the client went away");
	free_work(c);
	loop_untimer(&c->timer);
	loop_close(all->loop, &c->src);
	if (c->prev)
		c->prev->next = c->next;
	else
		all->first = c->next;
	if (c->next)
		c->next->prev = c->prev;
	all->n--;
	free(c->in);
	free(c->out);
	free(c);
	all->room(all->arg);
}

/* What is waited for follows from what is there. */
static void
watch_client(struct client *c)
{
	int reads = c->state == CLIENT_SERVED ? c->work->hungry : c->out_n == 0;
	uint32_t events = EPOLLRDHUP | (reads ? EPOLLIN : 0u) |
			  (c->out_n > c->out_at ? EPOLLOUT : 0u);

	if (events != c->src.events &&
	    loop_watch(c->of->loop, &c->src, events) < 0)
		c->gone = 1;
}

/* Sends what waits.  Whether nothing waits any more. */
static int
flush(struct client *c)
{
	while (c->out_at < c->out_n) {
		ssize_t n =
		    send(c->src.fd, c->out + c->out_at, c->out_n - c->out_at,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			if (errno != EAGAIN)
				c->gone = 1;
			return 0;
		}
		c->out_at += (size_t)n;
	}
	c->out_at = c->out_n = 0;
	free(c->out);
	c->out = NULL;
	return 1;
}

/* Adds to what waits, which has room. */
static void
put_text(struct client *c, const char *p, size_t n)
{
	assert(n <= OUT_MAX - c->out_n);
	if (!c->out)
		c->out = mem_alloc(OUT_MAX);
	memcpy(c->out + c->out_n, p, n);
	c->out_n += n;
}

/* Its last answer has been written: what it still sends is dropped. */
static void
leave(struct client *c)
{
	free_work(c);
	c->state = CLIENT_LEAVING;
	loop_timer(c->of->loop, &c->timer, TIMER_HELLO);
}

static const char *
reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 426:
		return "Upgrade Required";
	case 429:
		return "Too Many Requests";
	case 502:
		return "Bad Gateway";
	case 503:
		return "Service Unavailable";
	default:
		return "Status";
	}
}

/* Writes an answer of ours, and that it is the last one. */
static void
put_answer(struct client *c, int status, const char *type, const char *body,
	   size_t n)
{
	char head[256];
	int is_head = c->work->method == JUDGE_HEAD;
	int h = snprintf(head, sizeof(head),
			 "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n"
			 "%sContent-Length: %zu\r\nConnection: close\r\n\r\n",
			 status, reason(status), type,
			 /* agents give up at once, and say why */
			 status == 429 ? "Retry-After: 3600\r\n" : "", n);

	if (OUT_MAX - c->out_n >= n + (size_t)h) {
		put_text(c, head, (size_t)h);
		if (!is_head)
			put_text(c, body, n);
	}
	c->closes = 1;
}

/* As git shows it, or git-lfs. */
static void
answer_git(struct client *c, int status, const char *why)
{
	char body[512];
	int lfs = git_is_lfs(c->work->path);
	int n = snprintf(
	    body, sizeof(body),
	    lfs ? "{\"message\":\"pen-key: %s\"}\n" : "pen-key: %s\n", why);

	put_answer(c, status,
		   lfs ? "application/vnd.git-lfs+json" : "text/plain", body,
		   (size_t)n);
}

/*
 * An answer of ours, in the one form that the agents know of all APIs.  A
 * status of 400 is what they show and stop at; 401 they would answer by signing
 * in.
 */
static void
answer(struct client *c, int status, const char *why)
{
	char body[512];
	int n = snprintf(body, sizeof(body),
			 "{\"type\":\"error\",\"error\":{\"type\":\"%s\","
			 "\"message\":\"pen-key: %s\",\"status\":\"%s\"}}\n",
			 status == 429	 ? "rate_limit_error"
			 : status >= 500 ? "api_error"
					 : "invalid_request_error",
			 why,
			 status == 429	 ? "RESOURCE_EXHAUSTED"
			 : status >= 500 ? "UNAVAILABLE"
					 : "INVALID_ARGUMENT");

	put_answer(c, status, "application/json", body, (size_t)n);
}

/* The request does not go on, before the API has answered. */
static void
refuse(struct client *c, int status, const char *why)
{
	c->work->status = status;
	if (c->of->judge.git)
		answer_git(c, status, why);
	else
		answer(c, status, why);
	report(c, why);
	leave(c);
}

/* Reads what there is, as far as there is room; n is 0 if nothing came.  0, or
 * -1: the client is gone. */
static int
read_in(struct client *c, size_t *n)
{
	ssize_t r;

	*n = 0;
	if (!c->in)
		c->in = mem_alloc(IN_MAX);
	memmove(c->in, c->in + c->in_at, c->in_n - c->in_at);
	c->in_n -= c->in_at;
	c->in_at = 0;
	if (c->in_n == IN_MAX)
		return 0;
	do
		r = recv(c->src.fd, c->in + c->in_n, IN_MAX - c->in_n,
			 MSG_DONTWAIT);
	while (r < 0 && errno == EINTR);
	if (r == 0 || (r < 0 && errno != EAGAIN))
		return -1;
	if (r > 0)
		c->in_n += *n = (size_t)r;
	return 0;
}

/* Gives back the room of what has been used. */
static void
drop_in(struct client *c)
{
	if (c->in_at < c->in_n)
		return;
	free(c->in);
	c->in = NULL;
	c->in_at = c->in_n = 0;
}

/* There is more of the body, or the API waits until there is. */
static int
get_more(struct client *c)
{
	size_t n;

	if (read_in(c, &n) < 0) {
		c->gone = 1;
		return -1;
	}
	c->work->hungry = n == 0;
	if (n == 0)
		watch_client(c);
	return n > 0 ? 1 : 0;
}

/* What was read of a push before it could pass. */
static size_t
read_held(struct work *w, char *to, size_t n)
{
	struct held *h = w->held_push;
	size_t commands = h->push.n, at = h->given, have;
	const void *from = h->push.text + at;

	have = commands - at;
	if (at >= commands) {
		from = h->rest + (at - commands);
		have = commands + h->rest_n - at;
	}
	n = n < have ? n : have;
	memcpy(to, from, n);
	h->given += n;
	w->up += n;
	return n;
}

/* The body's next bytes, for the API. */
static size_t
on_read(void *arg, char *to, size_t n)
{
	struct client *c = arg;
	struct work *w = c->work;
	size_t held = w->held_push ? read_held(w, to, n) : 0;

	if (held > 0)
		return held;
	while (c->http.phase != HTTP_IN_HEAD) {
		size_t have = c->in_n - c->in_at, used;
		int more;
		const uint8_t *p = c->in + c->in_at;
		int content;

		if (http_step(&c->http, p, have < n ? have : n, &used,
			      &content) == HTTP_BAD)
			w->why = c->http.why;
		else if (content && body_scan(&w->body, p, used) < 0)
			w->why = w->body.why;
		else if (content && (w->why = budget_send(c->of->budget, used)))
			w->spent = 1;
		if (w->why)
			return UPSTREAM_ABORT;
		c->in_at += used;
		if (content && used > 0) {
			memcpy(to, p, used);
			w->up += used;
			/* the last byte is sent once all was looked at */
			if (c->http.phase != HTTP_IN_HEAD || w->ended)
				return used;
			w->ended = 1;
			if (body_end(&w->body) == 0)
				return used;
			w->why = w->body.why;
			return UPSTREAM_ABORT;
		}
		if (used > 0)
			continue;
		more = get_more(c);
		if (more <= 0)
			return more < 0 ? UPSTREAM_ABORT : UPSTREAM_LATER;
	}
	drop_in(c);
	if (!w->ended && body_end(&w->body) < 0) {
		w->why = w->body.why;
		return UPSTREAM_ABORT;
	}
	w->ended = 1;
	return 0;
}

/* How the answer's end will be known. */
static int
frame(struct client *c, int status, int64_t length, char *to, size_t size)
{
	struct work *w = c->work;

	if (w->method == JUDGE_HEAD || status == 204 || status == 304)
		return snprintf(to, size, "%s", "");
	if (length >= 0)
		return snprintf(to, size, "Content-Length: %lld\r\n",
				(long long)length);
	w->chunked = !w->old;
	c->closes |= w->old;
	return snprintf(to, size, "%s",
			w->chunked ? "Transfer-Encoding: chunked\r\n" : "");
}

static int
on_head(void *arg, int status, const char *fields, int64_t length)
{
	struct client *c = arg;
	struct work *w = c->work;
	char line[96], framing[64];
	int n, f;

	w->status = w->answered = status;
	if (status == 401) {
		/* agents would try to sign in, or say nothing for a minute */
		w->replaced = 1;
		return 0;
	}
	/* a repository that has moved: git would follow, with the same path */
	w->replaced = c->of->judge.git && status >= 300 && status < 400;
	if (w->replaced)
		return 0;
	f = frame(c, status, length, framing, sizeof(framing));
	n = snprintf(line, sizeof(line), "HTTP/1.1 %d %s\r\nConnection: %s\r\n",
		     status, reason(status),
		     c->closes ? "close" : "keep-alive");
	/* the last answer may still wait, and fields are as long as a head */
	if (!flush(c) && c->gone)
		return -1;
	if ((size_t)(n + f) + strlen(fields) + 2 > OUT_MAX - c->out_n)
		return -1;
	put_text(c, line, (size_t)n);
	put_text(c, fields, strlen(fields));
	put_text(c, framing, (size_t)f);
	put_text(c, "\r\n", 2);
	w->headed = 1;
	flush(c);
	return c->gone ? -1 : 0;
}

static int
on_room(void *arg)
{
	struct client *c = arg;

	return flush(c) || c->gone;
}

static int
on_write(void *arg, const char *p, size_t n)
{
	struct client *c = arg;
	struct work *w = c->work;
	char size[24];

	if (w->replaced)
		return 0;
	if (c->gone || n > CURL_MAX_WRITE_SIZE)
		return -1;
	if (!c->of->judge.git)
		usage_scan(&w->usage, p, n);
	w->down += n;
	if (w->chunked)
		put_text(c, size,
			 (size_t)snprintf(size, sizeof(size), "%zx\r\n", n));
	put_text(c, p, n);
	if (w->chunked)
		put_text(c, "\r\n", 2);
	flush(c);
	return c->gone ? -1 : 0;
}

/* The API's answer is whole, and passed on. */
static void
finish(struct client *c)
{
	struct work *w = c->work;

	if (w->chunked)
		put_text(c, "0\r\n\r\n", 5);
	report(c, NULL);
	/* it may have answered before it had all of the body */
	if (c->closes || c->http.phase != HTTP_IN_HEAD) {
		leave(c);
		return;
	}
	free_work(c);
	c->state = CLIENT_IDLE;
	loop_timer(c->of->loop, &c->timer, TIMER_HALF);
}

static void read_requests(struct client *c);
static void go_on(struct client *c);

static void
on_done(void *arg, int status, const char *why)
{
	struct client *c = arg;
	struct work *w = c->work;

	w->transfer = NULL;
	if (c->gone)
		;
	else if (w->why && !w->headed)
		refuse(c, w->spent ? 429 : 400, w->why);
	else if (w->replaced && !why)
		refuse(c, 400,
		       w->answered == 401
			   ? "the API does not take the user's credential "
			     "(401): sign in outside the pen"
			   : "the repository has moved: outside the pen, git "
			     "remote set-url has to name its new URL");
	else if (why && !w->headed)
		refuse(c, status, why);
	else if (why) {
		/* a reset: what is cut must not look whole */
		struct linger now = {1, 0};

		report(c, w->why ? w->why : why);
		free_work(c);
		setsockopt(c->src.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		c->gone = 1;
	} else {
		finish(c);
		read_requests(c);
	}
	go_on(c);
}

static const struct upstream_ends ends = {on_read, on_head, on_room, on_write,
					  on_done};

static void
start_transfer(struct client *c, const struct judged *d)
{
	struct work *w = c->work;

	c->state = CLIENT_SERVED;
	w->sent = 1;
	loop_timer(c->of->loop, &c->timer, TIMER_IDLE);
	w->transfer = upstream_start(c->of->upstream, d, w->length, &ends, c);
}

/* Answers as the host's git would, so that git shows why of each ref. */
static void
refuse_push(struct client *c, const char *const *why)
{
	struct work *w = c->work;
	const struct pkt_push *p = &w->held_push->push;
	const char *first = "";
	char text[OUT_MAX - 512];
	size_t n;

	for (size_t i = p->updates; i > 0; i--)
		first = why[i - 1];
	if (!p->reports || c->out_n > 0) {
		refuse(c, 400, first + strlen("pen-key: "));
		return;
	}
	n = pkt_refuse(p, why, text, sizeof(text));
	w->status = 200;
	put_answer(c, 200, "application/x-git-receive-pack-result", text, n);
	report(c, first);
	leave(c);
}

/* Reads more of a push's commands, and lets it go on once they are complete. */
static void
hold_push(struct client *c)
{
	struct held *h = c->work->held_push;
	const char *why[PKT_UPDATES_MAX];

	while (c->state == CLIENT_HELD) {
		const uint8_t *p = c->in + c->in_at;
		size_t used, taken = 0;
		int content;
		enum pkt_state s = PKT_MORE;

		if (http_step(&c->http, p, c->in_n - c->in_at, &used,
			      &content) == HTTP_BAD) {
			refuse(c, 400, c->http.why);
			return;
		}
		if (content)
			s = pkt_scan(&h->push, p, used, &taken);
		c->in_at += used;
		if (s == PKT_BAD) {
			refuse(c, 400, h->push.why);
		} else if (s == PKT_DONE) {
			h->rest_n = used - taken;
			memcpy(h->rest, p + taken, h->rest_n);
			if (git_judge_push(c->of->judge.git, &h->push, why))
				start_transfer(c, &h->head);
			else
				refuse_push(c, why);
		} else if (c->http.phase == HTTP_IN_HEAD) {
			refuse(c, 400, "the push is not complete");
		} else if (used == 0) {
			return;
		}
	}
}

/* A head is there. */
static void
begin_request(struct client *c, size_t n)
{
	static const char go[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct work *w = c->work = mem_alloc(sizeof(*w));
	struct judged *d = mem_alloc(sizeof(*d));
	struct http *h = &c->http;
	const char *spent;
	int refused, status;

	refused = judge_head(&c->of->judge, c->in + c->in_at, n, h, d);
	c->in_at += n;
	c->begun = 0;
	c->closes = !d->keep;
	w->method = d->method;
	w->old = d->old;
	memcpy(w->path, d->path, strlen(d->path) + 1);
	w->length = d->method != JUDGE_POST    ? -2
		    : h->phase == HTTP_IN_SIZE ? -1
					       : (int64_t)h->left;
	if (refused < 0) {
		refuse(c, d->status, d->why);
	} else if (d->method == JUDGE_POST &&
		   body_begin(&w->body, c->of->judge.api, d->zstd) < 0) {
		refuse(c, 429, w->body.why);
	} else if ((spent = budget_begin(c->of->budget, w->length, &w->held,
					 &status))) {
		refuse(c, status, spent);
	} else {
		if (d->expects)
			put_text(c, go, strlen(go));
		if (d->part == GIT_COMMANDS) {
			w->held_push = mem_alloc(sizeof(*w->held_push));
			w->held_push->head = *d;
			c->state = CLIENT_HELD;
			loop_timer(c->of->loop, &c->timer, TIMER_ASK);
			hold_push(c);
		} else {
			start_transfer(c, d);
		}
	}
	free(d);
}

static void
refuse_head(struct client *c)
{
	c->work = mem_alloc(sizeof(*c->work));
	refuse(c, 400, c->http.why);
}

/* Looks at what has been read: the head of a request, or the next one's. */
static void
read_requests(struct client *c)
{
	while (c->state == CLIENT_IDLE && c->in_at < c->in_n && !c->gone &&
	       c->out_n == 0) {
		size_t n;
		int content;
		enum http_state s = http_step(&c->http, c->in + c->in_at,
					      c->in_n - c->in_at, &n, &content);

		if (s == HTTP_MORE) {
			if (!c->begun)
				loop_timer(c->of->loop, &c->timer, TIMER_HELLO);
			c->begun = 1;
			return;
		}
		if (s == HTTP_BAD)
			refuse_head(c);
		else
			begin_request(c, n);
	}
}

/* After whatever happened: writes, and sees what is to be waited for. */
static void
go_on(struct client *c)
{
	int all = !c->gone && flush(c);

	if (all && c->state == CLIENT_LEAVING)
		shutdown(c->src.fd, SHUT_WR);
	if (!c->gone)
		watch_client(c);
	if (c->gone)
		end_client(c);
}

/* Reads what is there in states without a request at the API. */
static void
read_ready(struct client *c)
{
	size_t n;

	if (c->state == CLIENT_LEAVING) /* nobody wants it */
		c->in_at = c->in_n;
	if (read_in(c, &n) < 0)
		c->gone = 1;
	if (c->state == CLIENT_HELD && !c->gone)
		hold_push(c);
	read_requests(c);
}

static void
client_ready(struct source *s, uint32_t events)
{
	struct client *c = (struct client *)s;
	struct work *w = c->work;

	if (events & (EPOLLERR | EPOLLHUP) ||
	    (events & EPOLLRDHUP && c->state == CLIENT_SERVED))
		c->gone = 1;
	if (!c->gone && events & EPOLLOUT && flush(c) && w && w->transfer)
		upstream_room(w->transfer);
	if (!c->gone && c->state != CLIENT_SERVED)
		read_ready(c);
	else if (!c->gone && w->hungry && events & EPOLLIN) {
		w->hungry = 0;
		upstream_more(w->transfer);
	}
	go_on(c);
}

static void
timer_fired(struct timer *t)
{
	end_client(
	    (struct client *)((char *)t - offsetof(struct client, timer)));
}

void
client_start(struct clients *all, int fd)
{
	struct client *c = mem_alloc(sizeof(*c));
	int on = 1;

	*c = (struct client){.of = all, .next = all->first};
	c->src = (struct source){client_ready, fd, 0};
	c->timer.fire = timer_fired;
	if (all->first)
		all->first->prev = c;
	all->first = c;
	all->n++;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	loop_timer(all->loop, &c->timer, TIMER_HALF);
	watch_client(c);
	if (c->gone)
		end_client(c);
}

void
client_end_all(struct clients *all)
{
	while (all->first)
		end_client(all->first);
}
