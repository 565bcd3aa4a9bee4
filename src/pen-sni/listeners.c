#include "pen-sni/listeners.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "lib/splice.h"
#include "lib/addr.h"

/* Connections taken for one readiness. */
#define ROUNDS 64

struct listener {
	struct source src;
	struct listener *next;
	struct listeners *of;
	enum listener_kind kind;
	unsigned port;
};

static void
take_dns(struct listener *l, int fd)
{
	dnsd_tcp(l->of->dnsd, fd);
}

/* The name whose synthetic address the accepted fd was connected to. */
static const char *
name_of(const struct listener *l, int fd)
{
	union addr a = {0};
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.sa, &len) < 0 || a.sa.sa_family != AF_INET)
		return NULL;
	return fakeip_at(l->of->conns->names, ntohl(a.in.sin_addr.s_addr));
}

static void
take_named(struct listener *l, int fd)
{
	conn_start(l->of->conns, fd, l->port, name_of(l, fd), 0);
}

static void
take_alone(struct listener *l, int fd)
{
	conn_start(l->of->conns, fd, l->port, NULL, 1);
}

static const struct {
	const char *word; /* pen-net's for it, or NULL */
	void (*take)(struct listener *l, int fd); /* NULL: datagrams */
	int connections; /* that leave, rather than questions */
} kinds[] = {
    [LISTEN_DNS_UDP] = {"dns-udp", NULL, 0},
    [LISTEN_DNS_TCP] = {"dns-tcp", take_dns, 0},
    [LISTEN_TCP] = {"tcp", take_named, 1},
    [LISTEN_ALONE] = {NULL, take_alone, 1},
};
static_assert(sizeof(kinds) / sizeof(*kinds) == LISTEN_KINDS, "a row each");

/*
 * Stops or goes on accepting.  Without room for another connection its
 * listeners leave the epoll: they would report for ever what nobody takes.
 */
static void
pause_all(struct listeners *all, int pause)
{
	all->paused = pause;
	for (struct listener *l = all->first; l; l = l->next)
		if (kinds[l->kind].take)
			loop_watch(all->loop, &l->src, pause ? 0 : EPOLLIN);
}

static void
resume_fired(struct timer *t)
{
	pause_all((struct listeners *)((char *)t -
				       offsetof(struct listeners, resume)),
		  0);
}

void
listeners_init(struct listeners *l, struct loop *loop, struct conns *conns,
	       struct dnsd *dnsd)
{
	*l = (struct listeners){.loop = loop,
				.conns = conns,
				.dnsd = dnsd,
				.resume.fire = resume_fired};
}

void
listeners_room(struct listeners *l)
{
	if (l->paused && !l->resume.next && conn_room(l->conns))
		pause_all(l, 0);
}

static void
accept_ready(struct source *s, uint32_t events)
{
	struct listener *l = (struct listener *)s;

	(void)events;
	for (int i = 0; i < ROUNDS; i++) {
		int fd;

		if (!conn_room(l->of->conns)) {
			pause_all(l->of, 1);
			return;
		}
		fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			kinds[l->kind].take(l, fd);
			continue;
		}
		if (errno == EAGAIN)
			return;
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		/* out of descriptors or memory: it would spin otherwise */
		pause_all(l->of, 1);
		loop_timer(l->of->loop, &l->of->resume, TIMER_TICK);
		return;
	}
}

static void
datagram_ready(struct source *s, uint32_t events)
{
	(void)events;
	dnsd_udp(((struct listener *)s)->of->dnsd, s->fd);
}

/* Whether what connects to fd does so without a network in between. */
static int
is_near(int fd, enum listener_kind kind)
{
	union addr a = {0};
	socklen_t len = sizeof(a);

	if (kind != LISTEN_ALONE) /* of the pen's own namespace */
		return 1;
	getsockname(fd, &a.sa, &len);
	return addr_is_loopback(&a);
}

void
listeners_add(struct listeners *all, int fd, enum listener_kind kind,
	      unsigned port)
{
	struct listener *l = mem_alloc(sizeof(*l));
	int accepts = kinds[kind].take != NULL;

	if (accepts) /* what is accepted inherits it */
		splice_tune(fd, is_near(fd, kind));
	*l = (struct listener){{accepts ? accept_ready : datagram_ready, fd, 0},
			       all->first,
			       all,
			       kind,
			       port};
	all->first = l;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
	    loop_watch(all->loop, &l->src, EPOLLIN) < 0)
		die(ERR_TOOL, "cannot wait for connections: %m");
}

int
listeners_add_line(struct listeners *l, char *line, int fd)
{
	char *space = strchr(line, ' ');
	unsigned long port;

	if (!space || num_parse(space + 1, 10, 65535, &port) < 0)
		return -1;
	*space = '\0';
	for (int k = 0; k < LISTEN_KINDS; k++)
		if (kinds[k].word && strcmp(line, kinds[k].word) == 0) {
			listeners_add(l, fd, (enum listener_kind)k,
				      (unsigned)port);
			return 0;
		}
	return -1;
}

int
listeners_have(const struct listeners *all, unsigned port)
{
	for (const struct listener *l = all->first; l; l = l->next)
		if (kinds[l->kind].connections && l->port == port)
			return 1;
	return 0;
}

char *
listeners_ports(const struct listeners *all)
{
	char *list = mem_copy("");

	for (const struct listener *l = all->first; l; l = l->next) {
		char *longer;

		if (!kinds[l->kind].connections)
			continue;
		longer = mem_printf("%u%s%s", l->port, *list ? "," : "", list);
		free(list);
		list = longer;
	}
	return list;
}
