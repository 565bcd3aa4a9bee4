// needs: pen-net/confine
/*
 * forwarder PORT OTHER [free]: what is left to a forwarder for PORT, or to any
 * process (the control): a line "NAME ok" or "NAME errno" for each attempt.
 */
#include "pen-net/confine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

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
try_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long
try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

static long
try_listen(void)
{
	return listen(socket(AF_INET, SOCK_STREAM, 0), 1);
}

static long
try_open(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static long
try_exec(void)
{
	static char no[] = "no";
	char *const argv[] = {no, NULL};

	/* EACCES is what a directory gives to those who may execute */
	return execve("/", argv, argv) < 0 && errno == EACCES ? 0 : -1;
}

static long
try_fork(void)
{
	long pid = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long
try_kill(void)
{
	return syscall(SYS_kill, getpid(), 0);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		long (*attempt)(void);
	} all[] = {
		{"port", try_port},   {"other", try_other},
		{"unix", try_unix},   {"netlink", try_netlink},
		{"listen", try_listen}, {"open", try_open},
		{"exec", try_exec},   {"fork", try_fork},
		{"kill", try_kill},
	};
	char text[512];
	size_t n = 0;

	if (argc < 3 || num_parse(argv[1], 10, 65535, &port) < 0 ||
	    num_parse(argv[2], 10, 65535, &other) < 0)
		return 2;
	if (argc == 3)
		confine_self((uint16_t[]){(uint16_t)port}, 1);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		int bad = all[i].attempt() < 0;

		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s\n",
				      all[i].name,
				      bad ? strerrorname_np(errno) : "ok");
	}
	return write(STDOUT_FILENO, text, n) == (ssize_t)n ? 0 : 1;
}
