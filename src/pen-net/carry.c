#include "carry.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "forward.h"
#include "lib/err.h"
#include "lib/fd.h"

/* Appends the pair; lists that add up may name one twice, but to one end. */
static void
add_pair(struct carry_ports *l, const char *option, unsigned host,
	 unsigned inside)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->p[i].host == host) {
			if (l->p[i].inside == inside)
				return;
			die(ERR_TOOL, "--%s: host port %u is given twice",
			    option, host);
		}
	if (l->n == PORTS_MAX)
		die(ERR_TOOL, "--%s: more than %d ports", option, PORTS_MAX);
	l->p[l->n].host = host;
	l->p[l->n++].inside = inside;
}

static void
add_range(struct carry_ports *l, const char *option, const char *text, int pair)
{
	struct ports p;
	const char *why = ports_parse(text, pair, &p);

	if (why)
		die(ERR_TOOL, "--%s: '%s': %s", option, text, why);
	for (unsigned i = 0; i < p.n; i++)
		add_pair(l, option, p.host + i, p.inside + i);
}

void
carry_publish(struct carry *c, const char *text)
{
	add_range(&c->publish, "publish", text, 1);
}

void
carry_reach(struct carry *c, const char *text)
{
	add_range(&c->reach, "reach", text, 0);
}

void
carry_proxy(struct carry *c, const char *text)
{
	const char *why = ports_parse_local(text, &c->proxy);

	if (why)
		die(ERR_TOOL, "--proxy: '%s': %s", text, why);
}

int
carry_wanted(const struct carry *c)
{
	return c->publish.n + c->reach.n > 0 || c->proxy.port;
}

/* The address of the loopback of that family, or every one of IPv4. */
enum where { LOCAL4, LOCAL6, EVERY4 };

/* The socket, or -1 with errno. */
static int
bind_to(enum where where, int type, unsigned port)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
				   .sin6_port = htons((uint16_t)port),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in four = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port),
	    .sin_addr.s_addr =
		where == EVERY4 ? htonl(INADDR_ANY) : htonl(INADDR_LOOPBACK)};
	int on = 1, saved;
	int fd = socket(where == LOCAL6 ? AF_INET6 : AF_INET,
			type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    (where == LOCAL6
		 ? bind(fd, (struct sockaddr *)&six, sizeof(six))
		 : bind(fd, (struct sockaddr *)&four, sizeof(four))) == 0 &&
	    (type != SOCK_STREAM || listen(fd, SOMAXCONN) == 0))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/*
 * The sockets of a port on 127.0.0.1 and ::1, but for ::1 where a host has no
 * IPv6.  One of a pen that has just ended may be a moment from being closed.
 * Returns how many.
 */
static size_t
listen_both(unsigned port, const char *what, int fds[2])
{
	size_t n = 0;

	for (int i = LOCAL4; i <= LOCAL6; i++) {
		int fd, tries = 0;

		while ((fd = bind_to((enum where)i, SOCK_STREAM, port)) < 0 &&
		       errno == EADDRINUSE && tries++ < 250)
			poll(NULL, 0, 1);
		if (fd >= 0)
			fds[n++] = fd;
		else if (i == LOCAL4 ||
			 (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL))
			die_hint(errno == EACCES ? "give another host port: "
						   "--publish 8080:80"
						 : NULL,
				 "cannot %s on %s:%u: %m", what,
				 i == LOCAL6 ? "[::1]" : "127.0.0.1", port);
	}
	return n;
}

static void
carry_outside(struct carry *c)
{
	for (size_t i = 0; i < c->publish.n; i++) {
		int *fds = c->published + 2 * i;

		fds[1] = -1;
		listen_both(c->publish.p[i].host, "publish", fds);
	}
	c->on_host = -1;
	if (c->reach.n || c->proxy.port)
		c->on_host =
		    forward_start(FORWARD_ACCEPTED, &c->proxy, c->owner);
}

void
carry_on_host(struct carry *c)
{
	c->owner = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (c->owner < 0)
		die(ERR_TOOL, "cannot start a forwarder: %m");
	carry_outside(c);
}

/* Hands sockets over. */
static void
hand_over(int sock, const int *fds, size_t n, unsigned what)
{
	forward_give(sock, fds, what, n);
	while (n > 0)
		close(fds[--n]);
}

/* The proxy's port, and the resolver that sends every name there. */
static void
give_proxy(const struct carry *c)
{
	int port = bind_to(EVERY4, SOCK_STREAM, CARRY_PROXIED);
	int names = bind_to(LOCAL4, SOCK_DGRAM, CARRY_DNS);

	if (port < 0 || names < 0)
		die(ERR_TOOL, "cannot listen inside for the proxy: %m");
	hand_over(c->on_host, &port, 1, FORWARD_PROXY);
	hand_over(c->on_host, &names, 1, FORWARD_NAMES);
}

void
carry_inside(struct carry *c)
{
	int fds[2], sock;

	if (c->proxy.port)
		give_proxy(c);
	for (size_t i = 0; i < c->reach.n; i++) {
		unsigned port = c->reach.p[i].inside;
		size_t n = listen_both(port, "listen inside", fds);

		hand_over(c->on_host, fds, n, port);
	}
	if (c->on_host >= 0)
		close(c->on_host);
	if (c->publish.n == 0)
		return;
	sock = forward_start(FORWARD_DIALLED, &c->proxy, c->owner);
	for (size_t i = 0; i < c->publish.n; i++) {
		int *pair = c->published + 2 * i;

		hand_over(sock, pair, pair[1] < 0 ? 1 : 2,
			  c->publish.p[i].inside);
	}
	close(sock);
}

/* The host's sockets come first: behind setns(2) there is no way back. */
void
carry_join(struct carry *c, int pidfd, int owner)
{
	c->owner = owner;
	carry_outside(c);
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNET) < 0)
		die(ERR_TOOL, "cannot join the program's network: %m");
	carry_inside(c);
}
