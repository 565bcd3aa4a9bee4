#include "pen-sni/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"

/*
 * The pipe ends with the proxy, however that does; a byte says that it may.
 * Nothing else is read here: a filter of system calls would cost more of the
 * start than it is worth.
 */
static _Noreturn void
wait_for_end(struct log log, int fd)
{
	enum { PIPE = 3, LOG_DIR, FDS };
	int keep[FDS] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, fd,
			 log.dir};
	struct sigaction usual = {.sa_handler = SIG_DFL};
	ssize_t n;
	char c;

	err_last = NULL;
	sigaction(SIGTERM, &usual, NULL); /* the proxy's writes to its own */
	if (fd_keep_only(keep, FDS) < 0)
		die(ERR_TOOL, "cannot close inherited descriptors: %m");
	log.dir = LOG_DIR;
	log.tap = NULL;
	do
		n = read(PIPE, &c, 1);
	while (n < 0 && errno == EINTR);
	if (n == 0) {
		err_warn("the proxy was killed: nothing is let through any "
			 "more");
		log_event(&log, 0,
			  &(struct event){.kind = "proxy",
					  .verdict = "failed",
					  .why = "the proxy was killed: "
						 "nothing is let through any "
						 "more",
					  .always = 1});
	}
	_exit(0);
}

int
witness_start(const struct log *log)
{
	int fd[2];
	pid_t pid;

	if (log->dir < 0)
		return -1;
	if (pipe2(fd, O_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot create a pipe: %m");
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot start the proxy's witness: %m");
	if (pid == 0)
		wait_for_end(*log, fd[0]);
	close(fd[0]);
	return fd[1];
}

void
witness_release(int fd)
{
	if (fd >= 0 && write(fd, "", 1) < 0)
		err_warn("cannot tell the proxy's witness: %m");
}
