#include "pen-key/listener.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/receive.h"
#include "pen-key/peer.h"

/* Connections taken for one readiness. */
#define ROUNDS 64

static void
set_paused(struct listener *l, int paused)
{
	l->paused = paused;
	loop_watch(l->clients->loop, &l->src, paused ? 0 : EPOLLIN);
}

static void
have_room(void *arg)
{
	struct listener *l = arg;

	if (l->paused && !l->pause.next)
		set_paused(l, 0);
}

static void
pause_fired(struct timer *t)
{
	struct listener *l =
	    (struct listener *)((char *)t - offsetof(struct listener, pause));

	set_paused(l, 0);
}

static void
accept_ready(struct source *s, uint32_t events)
{
	struct listener *l = (struct listener *)s;

	(void)events;
	for (int i = 0; i < ROUNDS; i++) {
		int fd;

		if (l->clients->n == CLIENTS_MAX) {
			set_paused(l, 1);
			return;
		}
		fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0 && !peer_is_own(fd))
			close(fd);
		else if (fd >= 0)
			client_start(l->clients, fd);
		else if (errno == EAGAIN)
			return;
		else if (errno != ECONNABORTED && errno != EINTR) {
			/* out of descriptors: it would spin otherwise */
			set_paused(l, 1);
			loop_timer(l->clients->loop, &l->pause, TIMER_TICK);
			return;
		}
	}
}

/* What pen-ctl asks by way of pen-sni, which has room for the answer, or asks
 * again. */
static void
answer_budget(const struct listener *l, const char *text)
{
	char answer[256];

	budget_answer(l->clients->budget, text, answer, sizeof(answer));
	send(l->src.fd, answer, strlen(answer), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* A connection that pen-sni hands over, by a message without a meaning; or one
 * about the budget. */
static void
handed_ready(struct source *s, uint32_t events)
{
	struct listener *l = (struct listener *)s;
	int fds[FD_MSG_MAX];
	char text[BUDGET_ASK_MAX + 1];
	size_t n;
	ssize_t len;

	(void)events;
	if (l->clients->n == CLIENTS_MAX) {
		set_paused(l, 1);
		return;
	}
	len = receive_message(s->fd, text, sizeof(text) - 1, fds, &n);
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (len <= 0)
		l->clients->loop->stop = 1;
	for (size_t i = 0; len > 0 && i < n; i++)
		client_start(l->clients, fds[i]);
	if (len > 0 && n == 0) {
		text[len] = '\0';
		answer_budget(l, text);
	}
}

static void
begin(struct listener *l, struct clients *clients, int fd,
      void (*ready)(struct source *s, uint32_t events))
{
	*l = (struct listener){.src = {ready, fd, 0},
			       .clients = clients,
			       .pause.fire = pause_fired};
	clients->room = have_room;
	clients->arg = l;
	if (loop_watch(clients->loop, &l->src, EPOLLIN) < 0)
		die(ERR_TOOL, "cannot wait for connections: %m");
}

void
listener_open(struct listener *l, struct clients *clients, const union addr *a)
{
	char text[ADDR_TEXT];
	int on = 1, fd;

	fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, &a->sa, addr_len(a)) < 0 ||
	    listen(fd, SOMAXCONN) < 0)
		die(ERR_TOOL, "cannot listen on '%s' port %u: %m",
		    addr_text(a, text), addr_port(a));
	begin(l, clients, fd, accept_ready);
}

void
listener_serve(struct listener *l, struct clients *clients, int fd)
{
	begin(l, clients, fd, handed_ready);
}
