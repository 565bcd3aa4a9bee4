#include "pen-sni/hand.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "pen-sni/policy_add.h"

/* What pen-key says of a request. */
#define MESSAGE_MAX 1024

static _Noreturn void
die_unknown(const char *text)
{
	die(ERR_TOOL, "PEN_KEYS: '%s' is not NAME=FD", text);
}

static void
take_hand(struct hands *h, struct policy *p, char *text)
{
	char *equal = strchr(text, '=');
	unsigned long fd = 0;
	int type, none = equal && strcmp(equal + 1, "-") == 0;
	socklen_t n = sizeof(type);

	if (!equal || h->n == HANDS_MAX ||
	    (!none && num_parse(equal + 1, 10, INT_MAX, &fd) < 0))
		die_unknown(text);
	if (!none &&
	    (getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &n) < 0 ||
	     type != SOCK_SEQPACKET || fcntl((int)fd, F_SETFL, O_NONBLOCK) < 0))
		die(ERR_TOOL, "PEN_KEYS: descriptor %lu is not pen-key's", fd);
	*equal = '\0';
	if (policy_hold(p, text))
		die_unknown(text);
	h->v[h->n++] = (struct hand){
	    .src.fd = none ? -1 : (int)fd, .of = h, .name = mem_copy(text)};
	if (!none && fd_cloexec((int)fd, 1) < 0)
		die(ERR_TOOL, "PEN_KEYS: cannot keep descriptor %lu: %m", fd);
}

void
hand_init(struct hands *h, struct policy *p)
{
	char *text = getenv("PEN_KEYS"), *copy = text ? mem_copy(text) : NULL;
	char *rest = NULL;

	for (char *one = copy ? strtok_r(copy, ",", &rest) : NULL; one;
	     one = strtok_r(NULL, ",", &rest))
		take_hand(h, p, one);
	unsetenv("PEN_KEYS");
	free(copy);
}

void
hand_fds(const struct hands *h, int fds[HANDS_MAX])
{
	for (size_t i = 0; i < HANDS_MAX; i++)
		fds[i] = i < h->n ? h->v[i].src.fd : -1;
}

void
hand_moved(struct hands *h, int first)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->v[i].src.fd >= 0)
			h->v[i].src.fd = first + (int)i;
}

static void
log_request(const struct hand *h, const struct said *said)
{
	events_add(h->of->events, &(struct event){.kind = "key",
						  .name = h->name,
						  .method = said->method,
						  .path = said->path,
						  .status = said->status,
						  .traffic = 1,
						  .up = said->up,
						  .down = said->down,
						  .tokens = said->tokens,
						  .why = said->why});
}

/* To whoever asked first: they are answered one after the other. */
static void
tell_answer(struct hand *h, const char *why)
{
	if (h->answered == h->asked)
		return;
	h->answered++;
	if (h->of->told)
		h->of->told(h->of->arg, h, why);
}

static void
take_message(struct hand *h, const char *text)
{
	struct said said;

	if (said_parse(text, &said) < 0)
		return;
	switch (said.kind) {
	case SAID_REQUEST:
		log_request(h, &said);
		break;
	case SAID_LOST:
		events_add(h->of->events,
			   &(struct event){
			       .kind = "log",
			       .always = 1,
			       .name = h->name,
			       .count = said.lost,
			       .why = "requests that pen-key could not report",
			   });
		break;
	case SAID_SPENT:
		events_add(h->of->events, &(struct event){.kind = "budget",
							  .always = 1,
							  .verdict = "refused",
							  .name = h->name,
							  .why = said.why});
		break;
	case SAID_FAILED:
		events_add(h->of->events, &(struct event){.kind = "key",
							  .always = 1,
							  .verdict = "refused",
							  .name = h->name,
							  .why = said.why});
		break;
	case SAID_BUDGET:
		h->budget = said;
		tell_answer(h, NULL);
		break;
	case SAID_NO:
		tell_answer(h, said.why);
		break;
	}
}

static void
hand_ready(struct source *s, uint32_t events)
{
	struct hand *h = (struct hand *)s;
	char text[MESSAGE_MAX + 1];
	ssize_t n = recv(s->fd, text, MESSAGE_MAX, MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		err_warn("pen-key has ended: %s is not reached any more",
			 h->name);
		loop_close(h->of->loop, s);
		while (h->answered < h->asked)
			tell_answer(h, "pen-key has ended");
		return;
	}
	text[n] = '\0';
	take_message(h, text);
}

void
hand_start(struct hands *h, struct loop *loop, struct events *events)
{
	h->loop = loop;
	h->events = events;
	for (size_t i = 0; i < h->n; i++) {
		h->v[i].src.ready = hand_ready;
		if (h->v[i].src.fd >= 0 &&
		    loop_watch(loop, &h->v[i].src, EPOLLIN) < 0)
			die(ERR_TOOL, "cannot wait for pen-key: %m");
	}
}

struct hand *
hand_find(struct hands *h, const char *name)
{
	for (size_t i = 0; i < h->n; i++)
		if (strcmp(h->v[i].name, name) == 0)
			return h->v[i].src.fd >= 0 ? &h->v[i] : NULL;
	return NULL;
}

int
hand_give(struct hand *h, int fd)
{
	return fd_send(h->src.fd, "c", 1, &fd, 1);
}

int
hand_ask(struct hand *h, const char *text)
{
	if (h->src.fd < 0 || send(h->src.fd, text, strlen(text),
				  MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -1;
	h->asked++;
	return 0;
}
