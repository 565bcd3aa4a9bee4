#include "pen-key/failure.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"

static struct {
	int fd;
	pid_t pid;
	char text[512]; /* of the latest message */
} told;

/* Hints are not kept. */
static void
keep_line(const char *line, size_t n)
{
	size_t head = strlen(err_prog) + strlen(": ");

	if (n > head && strncmp(line, err_prog, strlen(err_prog)) == 0)
		snprintf(told.text, sizeof(told.text), "failed %.*s",
			 (int)(n - head - 1), line + head);
	if (fd_write_all(STDERR_FILENO, line, n) < 0)
		return; /* nobody is there to be told */
}

static void
tell_failure(void)
{
	if (told.pid == getpid())
		send(told.fd, told.text, strlen(told.text),
		     MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
failure_tell(int fd)
{
	told.fd = fd;
	told.pid = getpid();
	err_write = keep_line;
	err_last = tell_failure;
}
