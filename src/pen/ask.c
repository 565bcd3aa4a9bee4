#include "pen/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"

#define ANSWER_MAX (1 << 20)

/* Programs that are asked answer in milliseconds, or wait for somebody. */
#define MILLISECONDS_MAX 3000

void
ask_begin(struct ask *a, const char *program, char *const *argv,
	  char *const *env)
{
	posix_spawn_file_actions_t actions;
	int out[2];

	a->pid = -1;
	if (pipe2(out, O_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot make a pipe: %m");
	if (posix_spawn_file_actions_init(&actions) ||
	    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY,
					     0) ||
	    posix_spawn_file_actions_adddup2(&actions, out[1], 1) ||
	    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY,
					     0) ||
	    posix_spawn(&a->pid, program, &actions, NULL, argv, env))
		a->pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(out[1]);
	a->out = out[0];
}

static int
milliseconds_since(const struct timespec *t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)((now.tv_sec - t->tv_sec) * 1000 +
		     (now.tv_nsec - t->tv_nsec) / 1000000);
}

/* All that comes from fd, or NULL when it is too much or takes too long. */
static char *
read_answer(int fd, size_t *n)
{
	char *text = mem_alloc(ANSWER_MAX + 1);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct timespec begin;
	ssize_t got = 1;

	*n = 0;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (got > 0 && *n < ANSWER_MAX) {
		int left = MILLISECONDS_MAX - milliseconds_since(&begin);
		int ready = left > 0 ? poll(&p, 1, left) : -1;

		if (ready > 0) {
			got = read(fd, text + *n, ANSWER_MAX - *n);
			*n += got > 0 ? (size_t)got : 0;
		} else if (left <= 0 || (ready < 0 && errno != EINTR)) {
			got = -1;
		}
	}
	if (got == 0)
		return text;
	free(text);
	return NULL;
}

char *
ask_end(struct ask *a, size_t *n)
{
	char *text = a->pid < 0 ? NULL : read_answer(a->out, n);
	int status = 0;

	close(a->out);
	if (a->pid < 0)
		return NULL;
	if (!text)
		kill(a->pid, SIGKILL);
	/* ECHILD: whoever started pen ignores SIGCHLD */
	while (waitpid(a->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0)
		return text;
	free(text);
	return NULL;
}
