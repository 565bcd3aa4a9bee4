/*
 * net_load: connections by the thousand, for tests and for make bench.
 *
 *	net_load serve ADDRESS [PORT]
 *		prints "ready PORT"; answers "GET N" with N bytes and waits for
 *		more, "END N" with N bytes and the end; takes the N bytes behind
 *		"PUT N" and answers with their number and the end
 *	net_load idle ADDRESS PORT NAME N
 *		N connections that have had an answer and say nothing more;
 *		prints "ready" and holds them until its input ends
 *	net_load half ADDRESS PORT N
 *		the same, but they never say anything
 *	net_load rate ADDRESS PORT NAME SECONDS AT-A-TIME
 *		prints the number of connections, 64 bytes each, a second
 *	net_load count ADDRESS PORT NAME N AT-A-TIME
 *		makes N of these connections, and prints N
 *	net_load bulk ADDRESS PORT NAME BYTES AT-A-TIME
 *		prints the megabytes a second of that many downloads of BYTES
 *	net_load push ADDRESS PORT NAME BYTES AT-A-TIME
 *		the same of uploads, to the server's answer
 *
 * NAME is what the ClientHello before the request names, or - for none.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BLOCK (256 << 10)

struct peer {
	int fd, end;
	size_t have;   /* bytes of the request */
	uint64_t left; /* to be sent, or to be read */
	uint64_t put;  /* of the request, while they come */
	char buf[1024];
};

static char block[BLOCK], sink[BLOCK];
static int epoll;

static void
watch(struct peer *p, uint32_t events, int op)
{
	struct epoll_event e = {.events = events, .data.ptr = p};

	if (epoll_ctl(epoll, op, p->fd, &e) < 0)
		err(1, "epoll_ctl");
}

static void
end(struct peer *p)
{
	close(p->fd);
	free(p);
}

static struct sockaddr_in
address(const char *text, const char *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &a.sin_addr) != 1)
		errx(1, "'%s' is not an address", text);
	a.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	return a;
}

/* ---- the server ---- */

static void
answer(struct peer *p)
{
	while (p->left > 0) {
		size_t n = p->left < BLOCK ? (size_t)p->left : BLOCK;
		ssize_t sent = send(p->fd, block, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN) {
			watch(p, EPOLLOUT, EPOLL_CTL_MOD);
			return;
		}
		if (sent < 0) {
			end(p);
			return;
		}
		p->left -= (uint64_t)sent;
	}
	if (p->end)
		end(p);
	else
		watch(p, EPOLLIN, EPOLL_CTL_MOD);
}

/* The bytes behind "PUT N", of which n have come. */
static void
count_put(struct peer *p, size_t n)
{
	char text[32];
	int len =
	    snprintf(text, sizeof(text), "%llu\n", (unsigned long long)p->put);

	if (n < p->left) {
		p->left -= n;
		return;
	}
	/* with one byte too many there is no answer */
	if (n == p->left)
		send(p->fd, text, (size_t)len, MSG_NOSIGNAL);
	end(p);
}

static void
take_put(struct peer *p)
{
	ssize_t n = recv(p->fd, sink, BLOCK, 0);

	if (n > 0)
		count_put(p, (size_t)n);
	else if (n == 0 || errno != EAGAIN)
		end(p);
}

/* A ClientHello's record, perhaps, and a line behind it. */
static void
request(struct peer *p)
{
	ssize_t n =
	    recv(p->fd, p->buf + p->have, sizeof(p->buf) - p->have - 1, 0);
	size_t skip = 0;
	char *line;

	if (n <= 0) {
		end(p);
		return;
	}
	p->have += (size_t)n;
	p->buf[p->have] = '\0';
	if (p->buf[0] == 22 && p->have > 5)
		skip =
		    5 + ((size_t)(uint8_t)p->buf[3] << 8 | (uint8_t)p->buf[4]);
	if (p->have <= skip)
		return;
	line = memchr(p->buf + skip, '\n', p->have - skip);
	if (!line)
		return;
	p->end = strncmp(p->buf + skip, "END", 3) == 0;
	p->left = strtoull(p->buf + skip + 4, NULL, 10);
	if (strncmp(p->buf + skip, "PUT", 3) == 0) {
		p->put = p->left;
		count_put(p, (size_t)(p->buf + p->have - line - 1));
		return;
	}
	p->have = 0;
	answer(p);
}

static void
take(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	struct peer *p;

	if (fd < 0)
		return;
	p = calloc(1, sizeof(*p));
	if (!p)
		err(1, "no memory");
	p->fd = fd;
	watch(p, EPOLLIN, EPOLL_CTL_ADD);
}

static void
serve(char **argv)
{
	struct sockaddr_in a = address(argv[0], argv[1] ? argv[1] : "0");
	socklen_t len = sizeof(a);
	struct peer listener = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
	struct epoll_event events[64];

	if (bind(listener.fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(listener.fd, 4096) < 0 ||
	    getsockname(listener.fd, (struct sockaddr *)&a, &len) < 0)
		err(1, "cannot listen");
	/* a host's default that paces (BBR) would be what is measured */
	setsockopt(listener.fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
	watch(&listener, EPOLLIN, EPOLL_CTL_ADD);
	printf("ready %u\n", ntohs(a.sin_port));
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(epoll, events, 64, -1);

		for (int i = 0; i < n; i++) {
			struct peer *p = events[i].data.ptr;

			if (p == &listener)
				take(listener.fd);
			else if (p->put > 0)
				take_put(p);
			else if (p->left > 0)
				answer(p);
			else
				request(p);
		}
	}
}

/* ---- the clients ---- */

/* RFC 8446 with nothing in it but the name. */
static size_t
hello(const char *name, unsigned char *out)
{
	size_t n = strlen(name), body = 2 + 32 + 1 + 4 + 2 + 2 + 9 + n;
	unsigned char *p = out;
	/* clang-format off */
	const unsigned char head[] = {
		22, 3, 1, (unsigned char)((body + 4) >> 8),
		(unsigned char)(body + 4), 1, 0, (unsigned char)(body >> 8),
		(unsigned char)body, 3, 3};
	const unsigned char tail[] = {
		0, 0, 2, 0x13, 1, 1, 0, 0, (unsigned char)(9 + n), 0, 0, 0,
		(unsigned char)(5 + n), 0, (unsigned char)(3 + n), 0, 0,
		(unsigned char)n};
	/* clang-format on */

	if (strcmp(name, "-") == 0)
		return 0;
	memcpy(p, head, sizeof(head));
	p += sizeof(head);
	memset(p, 'r', 32);
	p += 32;
	memcpy(p, tail, sizeof(tail));
	p += sizeof(tail);
	memcpy(p, name, n);
	return (size_t)(p - out) + n;
}

static struct peer *
dial(const struct sockaddr_in *to)
{
	struct peer *p = calloc(1, sizeof(*p));

	if (!p)
		err(1, "no memory");
	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (p->fd < 0 ||
	    connect(p->fd, (const struct sockaddr *)to, sizeof(*to)) < 0)
		err(1, "cannot connect");
	return p;
}

static void
ask(struct peer *p, const char *name, const char *verb, uint64_t bytes)
{
	unsigned char out[512];
	size_t n = hello(name, out);

	n += (size_t)snprintf((char *)out + n, sizeof(out) - n, "%s %llu\n",
			      verb, (unsigned long long)bytes);
	p->left = bytes;
	if (send(p->fd, out, n, MSG_NOSIGNAL) != (ssize_t)n)
		err(1, "cannot ask");
}

static void
hold(void)
{
	char c;

	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

static void
idle(char **argv)
{
	struct sockaddr_in to = address(argv[0], argv[1]);
	char got[16];

	for (unsigned long n = strtoul(argv[3], NULL, 10); n > 0; n--) {
		struct peer *p = dial(&to);

		ask(p, argv[2], "GET", sizeof(got));
		if (recv(p->fd, got, sizeof(got), MSG_WAITALL) != sizeof(got))
			err(1, "no answer, %lu are left", n);
	}
	hold();
}

static void
half(char **argv)
{
	struct sockaddr_in to = address(argv[0], argv[1]);

	for (unsigned long n = strtoul(argv[2], NULL, 10); n > 0; n--)
		dial(&to);
	hold();
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * So many connections at a time to the end of their answers, until the seconds
 * are over or there were max of them.  Returns their number.
 */
static uint64_t
load(char **argv, uint64_t bytes, double seconds, uint64_t max)
{
	struct sockaddr_in to = address(argv[0], argv[1]);
	uint64_t open = strtoull(argv[4], NULL, 10), ended = 0;
	struct epoll_event events[64];
	double start = now();

	if (open > max)
		open = max;
	for (uint64_t i = 0; i < open; i++) {
		struct peer *p = dial(&to);

		ask(p, argv[2], "END", bytes);
		watch(p, EPOLLIN, EPOLL_CTL_ADD);
	}
	while (open > 0) {
		int n = epoll_wait(epoll, events, 64, -1);

		for (int i = 0; i < n; i++) {
			struct peer *p = events[i].data.ptr;
			ssize_t got = recv(p->fd, block, BLOCK, MSG_DONTWAIT);

			if (got > 0)
				p->left -= (uint64_t)got;
			if (got > 0 || (got < 0 && errno == EAGAIN))
				continue;
			if (got < 0 || p->left != 0)
				err(1, "an answer was cut");
			ended++;
			end(p);
			open--;
			if (ended + open >= max || now() - start >= seconds)
				continue;
			p = dial(&to);
			ask(p, argv[2], "END", bytes);
			watch(p, EPOLLIN, EPOLL_CTL_ADD);
			open++;
		}
	}
	return ended;
}

static void
rate(char **argv)
{
	double start = now();
	uint64_t n = load(argv, 64, strtod(argv[3], NULL), UINT64_MAX);

	printf("%.0f\n", (double)n / (now() - start));
}

static void
count(char **argv)
{
	uint64_t n = load(argv, 64, HUGE_VAL, strtoull(argv[3], NULL, 10));

	printf("%llu\n", (unsigned long long)n);
}

static void
bulk(char **argv)
{
	uint64_t bytes = strtoull(argv[3], NULL, 10);
	double start = now();
	uint64_t n = load(argv, bytes, 0, UINT64_MAX);

	printf("%.1f\n", (double)(bytes * n) / 1e6 / (now() - start));
}

/* Sends what goes.  When all has: whether the server had as many. */
static int
pushed(struct peer *p)
{
	char got[32];
	ssize_t n;

	while (p->left > 0) {
		size_t size = p->left < BLOCK ? (size_t)p->left : BLOCK;

		n = send(p->fd, block, size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0)
			err(1, "an upload was cut");
		p->left -= (uint64_t)n;
		if (p->left == 0)
			watch(p, EPOLLIN, EPOLL_CTL_MOD);
	}
	n = recv(p->fd, got, sizeof(got) - 1, MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		err(1, "an upload had no answer");
	got[n] = '\0';
	if (strtoull(got, NULL, 10) != p->put)
		errx(1, "%s bytes have come of %llu", got,
		     (unsigned long long)p->put);
	return 1;
}

static void
push(char **argv)
{
	struct sockaddr_in to = address(argv[0], argv[1]);
	uint64_t bytes = strtoull(argv[3], NULL, 10);
	uint64_t n = strtoull(argv[4], NULL, 10), open = n;
	struct epoll_event events[64];
	double start = now();

	for (uint64_t i = 0; i < n; i++) {
		struct peer *p = dial(&to);

		ask(p, argv[2], "PUT", bytes);
		p->put = bytes;
		watch(p, EPOLLOUT, EPOLL_CTL_ADD);
	}
	while (open > 0) {
		int ready = epoll_wait(epoll, events, 64, -1);

		for (int i = 0; i < ready; i++)
			if (pushed(events[i].data.ptr)) {
				end(events[i].data.ptr);
				open--;
			}
	}
	printf("%.1f\n", (double)(bytes * n) / 1e6 / (now() - start));
}

static const struct {
	const char *name;
	void (*fn)(char **argv);
	int args;
} modes[] = {
    {"serve", serve, 1}, {"idle", idle, 4},   {"half", half, 3},
    {"rate", rate, 5},	 {"count", count, 5}, {"bulk", bulk, 5},
    {"serve", serve, 2}, {"push", push, 5},
};

int
main(int argc, char **argv)
{
	struct rlimit r;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	epoll = epoll_create1(0);
	memset(block, 'x', sizeof(block));
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++)
		if (argc == modes[i].args + 2 &&
		    strcmp(argv[1], modes[i].name) == 0) {
			modes[i].fn(argv + 2);
			return 0;
		}
	errx(2, "see the head of net_load.c");
}
