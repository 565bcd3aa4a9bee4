/*
 * attempts: what a process tries that was taken over, for the unit tests of
 * what it has left.  Each is -1 with errno, or else it worked.
 */
#ifndef TEST_ATTEMPTS_H
#define TEST_ATTEMPTS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct attempt {
	const char *name;
	long (*try)(void);
};

static inline long
try_open(void)
{
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static inline long
try_exec(void)
{
	static char no[] = "no";
	char *const argv[] = {no, NULL};

	/* EACCES is what a directory gives to those who may execute */
	return execve("/", argv, argv) < 0 && errno == EACCES ? 0 : -1;
}

static inline long
try_fork(void)
{
	long pid = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);

	if (pid == 0)
		_exit(0);
	return pid;
}

static inline long
try_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static inline long
try_netlink(void)
{
	return socket(AF_NETLINK, SOCK_RAW, 0);
}

static inline long
try_listen(void)
{
	return listen(socket(AF_INET, SOCK_STREAM, 0), 1);
}

static inline long
try_kill(void)
{
	return syscall(SYS_kill, getppid(), 0);
}

/* Makes all n, and writes a line "NAME ok" or "NAME errno" for each. */
static inline int
attempts_make(const struct attempt *all, size_t n)
{
	char text[1024];
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		int bad = all[i].try() < 0;

		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s %s\n", all[i].name,
					bad ? strerrorname_np(errno) : "ok");
	}
	return write(STDOUT_FILENO, text, len) == (ssize_t)len ? 0 : 1;
}

#endif
