/* Attacks on the network: addresses of the host, and names. */
#include "pen-attack/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/fd.h"
#include "pen-attack/attack.h"
#include "pen-attack/root.h"

int
network_open(const char *address, uint16_t port, int type)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 b = {.sin6_family = AF_INET6,
				 .sin6_port = htons(port)};
	int six = !inet_pton(AF_INET, address, &a.sin_addr);
	struct timeval wait = {1, 0};
	int fd = socket(six ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || port == 0 ||
	    (six && !inet_pton(AF_INET6, address, &b.sin6_addr)))
		return (int)failed_by(fd < 0 ? errno : EADDRNOTAVAIL);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	if (connect(fd, six ? (void *)&b : (void *)&a,
		    six ? sizeof(b) : sizeof(a)) < 0) {
		int error = errno;

		close(fd);
		return (int)failed_by(error);
	}
	return fd;
}

static long
hear_reached(int fd)
{
	char text[7] = "";
	ssize_t n = recv(fd, text, sizeof(text), 0);

	if (n < 0)
		return -1;
	return n == 7 && memcmp(text, "REACHED", 7) == 0 ? 0
							 : failed_by(ENODATA);
}

static const struct world_place *
find_place(const struct world *w, const char *name)
{
	for (size_t i = 0; i < WORLD_PLACES; i++)
		if (strcmp(w->places[i].name, name) == 0)
			return &w->places[i];
	return NULL;
}

/* arg: the name of a place, or "PLACE=ADDRESS" by another address of it. */
TRY(reach_tcp)
{
	char name[32], *equal;
	const struct world_place *p;
	int fd;

	snprintf(name, sizeof(name), "%s", arg);
	equal = strchr(name, '=');
	if (equal)
		*equal++ = '\0';
	p = find_place(w, name);
	if (!p)
		return failed_by(EADDRNOTAVAIL);
	fd = network_open(equal ? equal : p->address, p->tcp, SOCK_STREAM);
	return fd < 0 ? -1 : hear_reached(fd);
}

TRY(reach_udp)
{
	const struct world_place *p = find_place(w, arg);
	int fd;

	if (!p)
		return failed_by(EADDRNOTAVAIL);
	fd = network_open(p->address, p->udp, SOCK_DGRAM);
	return fd < 0 || send(fd, "x", 1, 0) < 0 ? -1 : hear_reached(fd);
}

static long
reach_dns(const struct world *w, const char *arg, int type)
{
	const struct world_place *p = find_place(w, arg);
	int fd;

	if (!p)
		return failed_by(EADDRNOTAVAIL);
	fd = network_open(p->address, 53, type);
	if (fd < 0 || (type == SOCK_DGRAM && send(fd, "x", 1, 0) < 0))
		return -1;
	return hear_reached(fd);
}

TRY(reach_dns_udp)
{
	return reach_dns(w, arg, SOCK_DGRAM);
}

TRY(reach_dns_tcp)
{
	return reach_dns(w, arg, SOCK_STREAM);
}

/* From an address other than the one that the routes choose. */
TRY(reach_bound)
{
	const struct world_place *p = find_place(w, arg);
	struct sockaddr_in to = {.sin_family = AF_INET}, from = to;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!p || inet_pton(AF_INET, p->address, &to.sin_addr) != 1)
		return failed_by(EADDRNOTAVAIL);
	to.sin_port = htons(p->tcp);
	inet_pton(AF_INET, w->inside ? "198.18.0.1" : "127.0.0.1",
		  &from.sin_addr);
	bind(fd, (struct sockaddr *)&from, sizeof(from));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -1;
	return hear_reached(fd);
}

TRY(reach_fastopen)
{
	const struct world_place *p = find_place(w, arg);
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (!p || inet_pton(AF_INET, p->address, &a.sin_addr) != 1)
		return failed_by(EADDRNOTAVAIL);
	a.sin_port = htons(p->tcp);
	if (sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&a, sizeof(a)) <
	    0)
		return -1;
	return hear_reached(fd);
}

/* One datagram to an address of nobody's: does it leave? */
TRY(send_away)
{
	int on = 1, fd = network_open("127.0.0.1", 9, SOCK_DGRAM);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9)};
	struct sockaddr_in6 b = {.sin6_family = AF_INET6,
				 .sin6_port = htons(9)};

	if (inet_pton(AF_INET6, arg, &b.sin6_addr) == 1) {
		fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		return sendto(fd, "x", 1, 0, (struct sockaddr *)&b, sizeof(b));
	}
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET, arg, &a.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	return sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
}

/* Asks the kernel to change the network, as the root of one's own. */
static long
ask_route(unsigned short type, const void *body, size_t n)
{
	struct {
		struct nlmsghdr head;
		char body[64];
	} m = {
	    .head = {.nlmsg_len = (uint32_t)(sizeof(m.head) + n),
		     .nlmsg_type = type,
		     .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE}};
	struct {
		struct nlmsghdr head;
		int error;
		char rest[1024];
	} answer;
	int fd;

	root_become();
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	memcpy(m.body, body, n);
	if (fd < 0 || send(fd, &m, m.head.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < 0)
		return -1;
	return answer.error ? failed_by(-answer.error) : 0;
}

TRY(add_address)
{
	struct {
		struct ifaddrmsg m;
		struct rtattr a;
		unsigned char address[4];
	} body = {{AF_INET, 24, 0, 0, 1}, {8, IFA_LOCAL}, {192, 0, 2, 77}};

	return ask_route(RTM_NEWADDR, &body, sizeof(body));
}

TRY(add_link)
{
	struct {
		struct ifinfomsg m;
		struct rtattr info, kind;
		char name[8];
	} body = {
	    {0}, {16, IFLA_LINKINFO}, {12, 1 /* IFLA_INFO_KIND */}, "veth"};

	return ask_route(RTM_NEWLINK, &body, sizeof(body));
}

TRY(open_tun)
{
	/* TUNSETIFF, IFF_TUN | IFF_NO_PI */
	char request[40] = "attack";
	int fd;

	root_become();
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	request[16] = 1;
	request[17] = 0x10;
	return fd < 0 ? -1 : ioctl(fd, 0x400454ca, request);
}

TRY(write_sysctl)
{
	int fd;

	root_become();
	fd = open(arg, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -1 : write(fd, "0\n", 2);
}

/* A port that belongs to the resolver or to TLS inside. */
TRY(take_port)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd;

	root_become();
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET, "127.0.0.9", &a.sin_addr);
	a.sin_port = htons((uint16_t)strtoul(arg, NULL, 10));
	return bind(fd, (struct sockaddr *)&a, sizeof(a));
}

/* ---- names ------------------------------------------------------------- */

/* Writes a question of the type for the name; returns its length. */
static size_t
ask_name(unsigned char m[512], const char *name, int type)
{
	static const unsigned char head[12] = {0x70, 0x61, 1, 0, 0, 1};
	size_t n = sizeof(head);

	memcpy(m, head, sizeof(head));
	while (*name) {
		size_t label = strcspn(name, ".");

		m[n++] = (unsigned char)label;
		memcpy(m + n, name, label);
		n += label;
		name += label + (name[label] == '.');
	}
	m[n++] = 0;
	m[n++] = 0;
	m[n++] = (unsigned char)type;
	m[n++] = 0;
	m[n++] = 1;
	return n;
}

/* Sends m to a resolver; 0 where an answer has a record. */
static long
ask_resolver(const char *address, uint16_t port, int type,
	     const unsigned char *m, size_t n)
{
	unsigned char packet[1024], *a = packet;
	int fd = network_open(address, port, type);
	ssize_t got;

	if (fd < 0)
		return -1;
	if (type == SOCK_STREAM) {
		packet[0] = (unsigned char)(n >> 8);
		packet[1] = (unsigned char)n;
		memcpy(packet + 2, m, n);
		send(fd, packet, n + 2, MSG_NOSIGNAL);
	} else {
		send(fd, m, n, 0);
	}
	got = recv(fd, packet, sizeof(packet), 0);
	if (got < 0)
		return -1;
	if (type == SOCK_STREAM) {
		a += 2;
		got -= 2;
	}
	if (got < 12 || (a[3] & 15) != 0)
		return failed_by(ENOENT);
	return a[7] > 0 || a[6] > 0 ? 0 : failed_by(ENODATA);
}

/* The first nameserver of resolv.conf. */
static int
find_resolver(char address[64])
{
	FILE *f = fopen("/etc/resolv.conf", "re");
	char line[256];
	int found = 0;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "nameserver %63s", address) == 1;
	if (f)
		fclose(f);
	return found;
}

/*
 * arg: "TYPE NAME", with "t" before it for TCP.  Outside the stand-in answers;
 * inside the resolver that there is, or the stand-in if it is reached.
 */
TRY(resolve)
{
	unsigned char m[512];
	char address[64], *end;
	int kind = *arg == 't' ? SOCK_STREAM : SOCK_DGRAM;
	long type = strtol(arg + (*arg == 't'), &end, 10);
	size_t n = ask_name(m, end + 1, (int)type);
	long r = ask_resolver("127.0.0.1", w->dns, kind, m, n);

	if (r == 0 || !w->inside || !find_resolver(address))
		return r;
	return ask_resolver(address, 53, kind, m, n);
}

/* The host's own resolver, by its address, for any name. */
TRY(ask_host_resolver)
{
	unsigned char m[512];
	size_t n = ask_name(m, "example.org", 1);

	return ask_resolver(w->resolver, 53,
			    *arg == 't' ? SOCK_STREAM : SOCK_DGRAM, m, n);
}

/* ---- what is sent to an allowed name ---------------------------------------
 */

int
network_allowed(const struct world *w, const char *name, uint16_t port,
		uint16_t direct)
{
	unsigned char m[512], answer[1024];
	char address[64], text[64];
	size_t n = ask_name(m, name, 1);
	int fd = network_open("127.0.0.1", direct, SOCK_STREAM);
	ssize_t got;

	if (fd >= 0 || !w->inside || !find_resolver(address))
		return fd;
	fd = network_open(address, 53, SOCK_DGRAM);
	if (fd < 0 || send(fd, m, n, 0) < 0)
		return -1;
	got = recv(fd, answer, sizeof(answer), 0);
	close(fd);
	if (got < (ssize_t)n + 16 || answer[7] == 0)
		return (int)failed_by(ENOENT);
	snprintf(text, sizeof(text), "%d.%d.%d.%d", answer[got - 4],
		 answer[got - 3], answer[got - 2], answer[got - 1]);
	return network_open(text, port, SOCK_STREAM);
}

long
network_exchange(int fd, const void *sent, size_t n, const char *wanted)
{
	char got[8192];
	size_t have = 0;
	ssize_t r;

	if (fd < 0 || send(fd, sent, n, MSG_NOSIGNAL) < 0)
		return -1;
	while (have < sizeof(got) &&
	       (r = recv(fd, got + have, sizeof(got) - have, 0)) > 0) {
		have += (size_t)r;
		if (memmem(got, have, wanted, strlen(wanted)))
			return 0;
	}
	return failed_by(have > 0 ? ENODATA : ECONNRESET);
}
