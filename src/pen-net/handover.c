#include "handover.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/num.h"

#define DNS_PORT 53

/* The socket that PEN_SNI_FD names, from now on close-on-exec. */
static int
read_sock(const char *text)
{
	unsigned long fd;
	int type;
	socklen_t n = sizeof(type);

	if (num_parse(text, 10, 1 << 20, &fd) < 0)
		die(ERR_TOOL, "PEN_SNI_FD: '%s' is not a descriptor", text);
	if (getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &n) < 0)
		die(ERR_TOOL, "PEN_SNI_FD: descriptor %lu: %m", fd);
	if (type != SOCK_SEQPACKET)
		die(ERR_TOOL, "PEN_SNI_FD: descriptor %lu is not pen-sni's",
		    fd);
	if (fd_cloexec((int)fd, 1) < 0)
		die(ERR_TOOL, "PEN_SNI_FD: descriptor %lu: %m", fd);
	return (int)fd;
}

static void
read_ports(struct handover *h, char *list)
{
	char *rest = mem_copy(list), *copy = rest, *word;

	while (strcmp(list, ",") != 0 && (word = strsep(&rest, ","))) {
		unsigned long port;

		if (num_parse(word, 10, 65535, &port) < 0 || port == 0 ||
		    (h->n > 0 && port <= h->ports[h->n - 1]))
			die(ERR_TOOL,
			    "pen-sni: '%s' is not a list of ports, "
			    "ascending",
			    list);
		if (port == DNS_PORT)
			die(ERR_TOOL,
			    "port %d is the resolver's: no rule can "
			    "have it",
			    DNS_PORT);
		if (h->n == HANDOVER_PORTS_MAX)
			die(ERR_TOOL, "rules for more than %d different ports",
			    HANDOVER_PORTS_MAX);
		h->ports[h->n++] = (unsigned)port;
	}
	free(copy);
}

void
handover_read(struct handover *h)
{
	const char *fd = getenv("PEN_SNI_FD");

	h->sock = -1;
	h->n = 0;
	if (fd)
		h->sock = read_sock(fd);
	unsetenv("PEN_SNI_FD");
}

/*
 * Reads a message of pen-sni's, and returns its length; fatal if it has ended.
 * A reset comes before its last word when it ended with ours unread.
 */
static size_t
read_message(int sock, char *text, size_t size)
{
	int resets = 0;
	ssize_t n;

	do
		n = recv(sock, text, size, MSG_TRUNC);
	while (n < 0 &&
	       (errno == EINTR || (errno == ECONNRESET && resets++ == 0)));
	if (n == 0)
		die(ERR_TOOL, "pen-sni has ended");
	if (n > (ssize_t)size) {
		n = -1;
		errno = EMSGSIZE;
	}
	if (n < 0)
		die(ERR_TOOL, "cannot hear from pen-sni: %m");
	return (size_t)n;
}

void
handover_ports(struct handover *h)
{
	/* six bytes a port, one more than there may be, and the end */
	char text[6 * (HANDOVER_PORTS_MAX + 1) + 1];
	size_t len = read_message(h->sock, text, sizeof(text) - 1);

	text[len] = '\0';
	if (strcmp(text, "failed") == 0)
		err_exit(ERR_TOOL);
	read_ports(h, text);
}

int
handover_has(const struct handover *h, unsigned port)
{
	if (h->sock < 0)
		return 0;
	for (size_t i = 0; i < h->n; i++)
		if (h->ports[i] == port)
			return 1;
	return port == DNS_PORT;
}

static int
listen_on(int type, in_addr_t address, unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(address)};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, SOMAXCONN) < 0))
		die(ERR_TOOL, "cannot listen on port %u in the namespace: %m",
		    port);
	return fd;
}

void
handover_send(const struct handover *h)
{
	int fds[2 + HANDOVER_PORTS_MAX];
	/* "tcp 65535\n" is the longest of the repeated lines */
	char text[32 + 10 * HANDOVER_PORTS_MAX];
	size_t n = 0, len;

	len = (size_t)snprintf(text, sizeof(text), "dns-udp %d\ndns-tcp %d\n",
			       DNS_PORT, DNS_PORT);
	fds[n++] = listen_on(SOCK_DGRAM, INADDR_LOOPBACK, DNS_PORT);
	fds[n++] = listen_on(SOCK_STREAM, INADDR_LOOPBACK, DNS_PORT);
	for (size_t i = 0; i < h->n; i++) {
		fds[n++] = listen_on(SOCK_STREAM, INADDR_ANY, h->ports[i]);
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"tcp %u\n", h->ports[i]);
	}
	/* EPIPE: it has ended, which handover_end says */
	if (fd_send(h->sock, text, len, fds, n) < 0 && errno != EPIPE)
		die(ERR_TOOL, "cannot hand the sockets to pen-sni: %m");
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

void
handover_end(const struct handover *h)
{
	char word[8];

	read_message(h->sock, word, sizeof(word));
	if (word[0] != 'o')
		err_exit(ERR_TOOL);
	close(h->sock);
}
