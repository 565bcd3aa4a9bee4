#include "pen-check/try.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"

#define DEADLINE_MS 5000

int
try_call(int (*answer)(void))
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid == 0)
		_exit(answer());
	if (waitpid(pid, &status, 0) < 0)
		die(ERR_TOOL, "cannot wait for a child: %m");
	return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

static _Noreturn void
execute(const char *const argv[], int out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* a group of its own, so that all of it can be ended */
	setpgid(0, 0);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(out, 2) < 0)
		_exit(ERR_TOOL);
	execv(argv[0], (char *const *)argv);
	_exit(ERR_NOEXEC);
}

static long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads until the end of the pipe or the deadline; 0 when it was the end. */
static int
read_until(int fd, char *said, size_t max, long deadline)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char rest[4096];
	size_t have = 0;
	ssize_t n;

	said[0] = '\0';
	for (;;) {
		long left = deadline - now_ms();
		size_t room = max - 1 - have;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return -1;
		n = room > 0 ? read(fd, said + have, room)
			     : read(fd, rest, sizeof(rest));
		if (n <= 0)
			return 0;
		have += room > 0 ? (size_t)n : 0;
		said[have] = '\0';
	}
}

int
try_program(const char *const argv[], char said[TRY_TEXT])
{
	return try_text(argv, said, TRY_TEXT);
}

int
try_text(const char *const argv[], char *said, size_t max)
{
	int out[2], status;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die(ERR_TOOL, "cannot start '%s': %m", argv[0]);
	if (pid == 0)
		execute(argv, out[1]);
	close(out[1]);
	if (read_until(out[0], said, max, now_ms() + DEADLINE_MS) < 0)
		kill(-pid, SIGKILL);
	close(out[0]);
	if (waitpid(pid, &status, 0) < 0)
		die(ERR_TOOL, "cannot wait for '%s': %m", argv[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

char *
try_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error;
	size_t n;
	char *text;

	if (fd < 0)
		return NULL;
	text = fd_read_all(fd, 1 << 16, &n);
	error = errno;
	close(fd);
	if (text)
		text[strcspn(text, "\n")] = '\0';
	errno = error;
	return text;
}
