/*
 * The servers of a world: each says REACHED to whoever reaches it, and some say
 * what they were sent, for attacks on what is passed on to them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "pen-attack/process.h"

enum service {
	SAY_STREAM,   /* REACHED at once */
	SAY_DATAGRAM, /* REACHED to each */
	ECHO,	      /* a connection: REACHED and what came */
	ECHOING,
	DNS_DATAGRAM,
	DNS_STREAM,
};

#define ENDS 96
static struct {
	struct pollfd ends[ENDS];
	enum service services[ENDS];
} all;

static void
add_socket(int fd, enum service service)
{
	for (size_t i = 0; i < ENDS; i++)
		if (all.ends[i].fd < 0) {
			all.ends[i] = (struct pollfd){fd, POLLIN, 0};
			all.services[i] = service;
			return;
		}
	close(fd);
}

static int
open_inet(const char *address, int type, uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(*port)};
	struct sockaddr_in6 b = {.sin6_family = AF_INET6,
				 .sin6_port = htons(*port)};
	int six = !inet_pton(AF_INET, address, &a.sin_addr);
	struct sockaddr *s = six ? (void *)&b : (void *)&a;
	socklen_t n = six ? sizeof(b) : sizeof(a);
	int fd = socket(s->sa_family, type | SOCK_CLOEXEC, 0);

	if (six)
		inet_pton(AF_INET6, address, &b.sin6_addr);
	if (fd < 0 || bind(fd, s, n) < 0 || getsockname(fd, s, &n) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 64) < 0)) {
		close(fd);
		return -1;
	}
	*port = ntohs(six ? b.sin6_port : a.sin_port);
	return fd;
}

static void
serve_inet(const char *address, int type, uint16_t *port, enum service service)
{
	int fd = open_inet(address, type, port);

	if (fd >= 0)
		add_socket(fd, service);
	else
		*port = 0;
}

static void
serve_unix(const char *name, int type)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	size_t n = strlen(name);
	socklen_t size =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (n >= sizeof(a.sun_path))
		return;
	memcpy(a.sun_path, name, n);
	if (*name == '@')
		a.sun_path[0] = '\0';
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, size) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 16) < 0)) {
		close(fd);
		return;
	}
	add_socket(fd, type == SOCK_STREAM ? SAY_STREAM : SAY_DATAGRAM);
}

/* Paths are short: sockets are bound from the directory that they are in. */
static void
serve_all_unix(struct world *w)
{
	char name[WORLD_PATH];

	serve_unix("sock", SOCK_STREAM);
	serve_unix("sock.dgram", SOCK_DGRAM);
	serve_unix("agent.sock", SOCK_STREAM);
	snprintf(name, sizeof(name), "@pen-attack-%s", w->nonce);
	serve_unix(name, SOCK_STREAM);
	snprintf(name, sizeof(name), "@pen-attack-%s.dgram", w->nonce);
	serve_unix(name, SOCK_DGRAM);
	if (chdir(world_path(w, "@R", name)) == 0) {
		snprintf(name, sizeof(name), "pen-attack-%s", w->nonce);
		unlink(name);
		serve_unix(name, SOCK_STREAM);
	}
	if (chdir("/tmp") == 0) {
		snprintf(name, sizeof(name), "pen-attack-%s.sock", w->nonce);
		unlink(name);
		serve_unix(name, SOCK_STREAM);
	}
}

static void
serve_all_inet(struct world *w)
{
	for (size_t i = 0; i < WORLD_PLACES; i++) {
		struct world_place *p = &w->places[i];

		if (!*p->name)
			continue;
		p->tcp = p->udp = 0;
		serve_inet(p->address, SOCK_STREAM, &p->tcp, SAY_STREAM);
		serve_inet(p->address, SOCK_DGRAM, &p->udp, SAY_DATAGRAM);
		/* where anybody may have low ports, as in a test's world */
		serve_inet(p->address, SOCK_STREAM, &(uint16_t){53},
			   SAY_STREAM);
		serve_inet(p->address, SOCK_DGRAM, &(uint16_t){53},
			   SAY_DATAGRAM);
	}
	serve_inet("127.0.0.1", SOCK_STREAM, &w->tls, ECHO);
	serve_inet("127.0.0.1", SOCK_STREAM, &w->http, ECHO);
	serve_inet("127.0.0.1", SOCK_DGRAM, &w->dns, DNS_DATAGRAM);
	serve_inet("127.0.0.1", SOCK_STREAM, &w->dns, DNS_STREAM);
}

/* Answers any question with one record of 192.0.2.1: a real resolver might. */
static size_t
answer_dns(unsigned char *m, size_t n)
{
	static const unsigned char record[] = {0xc0, 12, 0, 1, 0,   1, 0, 0,
					       0,    9,	 0, 4, 192, 0, 2, 1};

	if (n < 12)
		return 0;
	m[2] = 0x84;
	m[3] = 0;
	m[7] = 1;
	memset(m + 8, 0, 4);
	memcpy(m + n, record, sizeof(record));
	return n + sizeof(record);
}

static void
answer_datagram(int fd, int dns)
{
	unsigned char m[2048] = {0};
	struct sockaddr_storage from;
	socklen_t size = sizeof(from);
	ssize_t n = recvfrom(fd, m, 1024, 0, (struct sockaddr *)&from, &size);

	if (n < 0 || size == 0)
		return;
	if (dns)
		n = (ssize_t)answer_dns(m, (size_t)n);
	else
		n = snprintf((char *)m, sizeof(m), "REACHED");
	sendto(fd, m, (size_t)n, MSG_DONTWAIT, (struct sockaddr *)&from, size);
}

static void
accept_client(int fd, enum service service)
{
	int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	if (c < 0)
		return;
	if (service == SAY_STREAM) {
		send(c, "REACHED", 7, MSG_NOSIGNAL);
		close(c);
		return;
	}
	add_socket(c, service == ECHO ? ECHOING : DNS_STREAM);
}

/* Says what came on, all of it; 0 when the connection is over. */
static int
give_back(int fd, enum service service)
{
	unsigned char m[8192] = {0};
	ssize_t n = recv(fd, m, 4096, 0);

	if (n <= 0)
		return 0;
	if (service == DNS_STREAM && n > 14) {
		n = (ssize_t)answer_dns(m + 2, (size_t)n - 2);
		m[0] = 0;
		m[1] = (unsigned char)n;
		n += 2;
	} else if (send(fd, "REACHED ", 8, MSG_NOSIGNAL) < 0) {
		return 0;
	}
	return send(fd, m, (size_t)n, MSG_NOSIGNAL) == n;
}

static void
serve_one(size_t i)
{
	int listens = 0;
	socklen_t n = sizeof(listens);

	getsockopt(all.ends[i].fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n);
	if (listens)
		accept_client(all.ends[i].fd, all.services[i]);
	else if (all.services[i] == SAY_DATAGRAM ||
		 all.services[i] == DNS_DATAGRAM)
		answer_datagram(all.ends[i].fd,
				all.services[i] == DNS_DATAGRAM);
	else if (!give_back(all.ends[i].fd, all.services[i])) {
		close(all.ends[i].fd);
		all.ends[i].fd = -1;
	}
}

_Noreturn void
process_serve(const struct world *world)
{
	struct world w = *world;

	prctl(PR_SET_NAME, "pen-sni-attack");
	for (size_t i = 0; i < ENDS; i++)
		all.ends[i].fd = -1;
	serve_all_inet(&w);
	serve_all_unix(&w);
	if (fd_write_all(3, &w, sizeof(w)) < 0)
		_exit(ERR_TOOL);
	close(3);
	for (;;) {
		if (poll(all.ends, ENDS, -1) < 0 && errno != EINTR)
			_exit(ERR_TOOL);
		for (size_t i = 0; i < ENDS; i++)
			if (all.ends[i].fd >= 0 && all.ends[i].revents)
				serve_one(i);
	}
}
