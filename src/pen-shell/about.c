#include "pen-shell/about.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"

/* Far more than pen prints. */
#define PRINT_MAX (1 << 20)

/* Starts argv with its standard output in a pipe, and nothing else. */
static pid_t
start_pen(char *const argv[], int *out)
{
	int fds[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid;

	if (null < 0 || pipe2(fds, O_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot make a pipe: %m");
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid == 0) {
		if (dup2(null, 0) < 0 || dup2(fds[1], 1) < 0 ||
		    dup2(null, 2) < 0)
			_exit(ERR_TOOL);
		execv(argv[0], argv);
		_exit(ERR_TOOL);
	}
	close(null);
	close(fds[1]);
	*out = fds[0];
	return pid;
}

static char *
read_pen(pid_t pid, int fd)
{
	size_t n;
	char *text = fd_read_all(fd, PRINT_MAX, &n);
	int status;

	close(fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return NULL;
	return status == 0 ? text : NULL;
}

int
about_ask(struct about *a, char *const argv[], size_t n, char *const *prog)
{
	static const char *const kinds[] = {"--print=conf", "--print"};
	char *text[2];
	pid_t pid[2];
	int fd[2];

	for (int i = 0; i < 2; i++) { /* at the same time */
		struct strv words = {0};

		for (size_t k = 0; k < n; k++)
			strv_push(&words, argv[k]);
		strv_push(&words, kinds[i]);
		strv_push(&words, "--");
		for (char *const *w = prog; *w; w++)
			strv_push(&words, *w);
		pid[i] = start_pen(words.v, &fd[i]);
		free(words.v);
	}
	for (int i = 0; i < 2; i++)
		text[i] = read_pen(pid[i], fd[i]);
	a->conf = text[0] ? text[0] : mem_copy("");
	a->chain = text[1] ? text[1] : mem_copy("");
	return text[0] && text[1] ? 0 : -1;
}
