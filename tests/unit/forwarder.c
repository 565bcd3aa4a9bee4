// needs: pen-net/confine pen-net/calls
/*
 * forwarder PORT OTHER [free]: what is left to a forwarder for PORT, or to any
 * process (the control): a line "NAME ok" or "NAME errno" for each attempt.
 */
#include "pen-net/confine.h"

#include <arpa/inet.h>

#include "../lib/attempts.h"
#include "lib/num.h"

static unsigned long port, other;

static long
dial(unsigned long to)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)to),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&a, sizeof(a));
}

static long
try_port(void)
{
	return dial(port);
}

static long
try_other(void)
{
	return dial(other);
}

static long
try_udp(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&a, sizeof(a));
}

int
main(int argc, char **argv)
{
	static const struct attempt all[] = {
	    {"port", try_port},	    {"other", try_other},
	    {"unix", try_unix},	    {"netlink", try_netlink},
	    {"listen", try_listen}, {"open", try_open},
	    {"exec", try_exec},	    {"fork", try_fork},
	    {"kill", try_kill},	    {"udp", try_udp},
	};
	if (argc < 3 || num_parse(argv[1], 10, 65535, &port) < 0 ||
	    num_parse(argv[2], 10, 65535, &other) < 0)
		return 2;
	if (argc == 3)
		confine_self((uint16_t[]){(uint16_t)port}, 1);
	return attempts_make(all, sizeof(all) / sizeof(*all));
}
