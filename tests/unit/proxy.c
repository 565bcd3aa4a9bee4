// needs: pen-sni/confine pen-sni/calls
/*
 * proxy KEY LOGS [free]: what is left to pen-sni's proxy once it is confined,
 * or without that (the control).  KEY is a file of the user, LOGS a directory.
 */
#include "pen-sni/confine.h"

#include <arpa/inet.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

#include "../lib/attempts.h"
#include "lib/confine.h"

static const char *key;
static int logs;

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

static long
try_log(void)
{
	return openat(logs, "log", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long
try_read_log(void)
{
	return openat(logs, "log", O_RDONLY | O_CLOEXEC);
}

static long
try_dial(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(1),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	/* nobody is there: what counts is whether it was asked */
	return fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 &&
		       errno == ECONNREFUSED
		   ? 0
		   : -1;
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
	    {"etc", try_open},		{"key", try_key},
	    {"change", try_change},	{"log", try_log},
	    {"read-log", try_read_log}, {"exec", try_exec},
	    {"fork", try_fork},		{"unix", try_unix},
	    {"netlink", try_netlink},	{"dial", try_dial},
	    {"bind", try_bind},		{"listen", try_listen},
	    {"kill", try_kill},		{"dumpable", try_dumpable},
	    {"trace", try_trace}};

	if (argc < 3)
		return 2;
	key = argv[1];
	logs = open(argv[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (argc == 3) {
		confine_self(logs, -1);
		confine_calls("the proxy");
	}
	return attempts_make(all, sizeof(all) / sizeof(*all));
}
