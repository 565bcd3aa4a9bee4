// needs: pen-key/calls
/*
 * keyproc KEY PORT [free]: what is left to pen-key once it is confined, or
 * without that (the control).  KEY is a file of the user, PORT one that is
 * free.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

#include "../lib/attempts.h"
#include "lib/confine.h"

#define ITS_PORT 443

static const char *key;
static unsigned short port;

static long
try_key(void)
{
	return open(key, O_RDONLY | O_CLOEXEC);
}

static long
try_change(void)
{
	return open(key, O_WRONLY | O_CLOEXEC);
}

/* Whether it was asked for: nobody is there. */
static long
dial(unsigned short to)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(to),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 &&
		       errno == ECONNREFUSED
		   ? 0
		   : -1;
}

static long
try_dial(void)
{
	return dial(ITS_PORT);
}

static long
try_other_port(void)
{
	return dial(port);
}

static long
try_bind(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&a,
		    sizeof(a));
}

static long
try_udp(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(ITS_PORT),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	return connect(socket(AF_INET, SOCK_DGRAM, 0), (struct sockaddr *)&a,
		       sizeof(a));
}

static long
try_trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long
try_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

int
main(int argc, char **argv)
{
	static const struct attempt all[] = {
	    {"key", try_key},	  {"change", try_change},
	    {"exec", try_exec},	  {"fork", try_fork},
	    {"unix", try_unix},	  {"netlink", try_netlink},
	    {"dial", try_dial},	  {"other-port", try_other_port},
	    {"bind", try_bind},	  {"listen", try_listen},
	    {"kill", try_kill},	  {"dumpable", try_dumpable},
	    {"trace", try_trace}, {"udp", try_udp}};
	static const uint16_t its_port = ITS_PORT;
	static const struct landlock reach = {.files = LANDLOCK_FILES,
					      .net = LANDLOCK_PORTS,
					      .scope = LANDLOCK_ABSTRACT |
						       LANDLOCK_SIGNAL,
					      .ports = &its_port,
					      .ports_n = 1};

	if (argc < 3)
		return 2;
	key = argv[1];
	port = (unsigned short)strtoul(argv[2], NULL, 10);
	if (argc == 3) {
		confine_process("pen-key", &reach);
		confine_calls("pen-key");
	}
	return attempts_make(all, sizeof(all) / sizeof(*all));
}
