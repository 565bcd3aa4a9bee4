#include "pen-sni/witness.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/file.h"
#include "lib/receive.h"
#include "pen-sni/confine.h"

/* Lists of names to be blocked have some megabytes. */
#define FILE_MAX (16u << 20)

#define BYE 'q' /* else a message has the number of a file */

const char *const witness_paths[] = {
    [WITNESS_RESOLV] = "/etc/resolv.conf",
    [WITNESS_HOSTS] = "/etc/hosts",
    [WITNESS_NSSWITCH] = "/etc/nsswitch.conf",
};
static_assert(sizeof(witness_paths) / sizeof(*witness_paths) == WITNESS_FILES,
	      "a path each");

/* Sends the open file, or why it cannot be opened. */
static void
send_file(int sock, unsigned char which)
{
	int error, fd = -1;

	errno = EINVAL;
	if (which < WITNESS_FILES)
		fd = file_open_regular(witness_paths[which], 0);
	error = fd < 0 ? errno : 0;
	fd_send(sock, &error, sizeof(error), &fd, error == 0);
	if (fd >= 0)
		close(fd);
}

/*
 * The socket ends with the proxy, however that does; BYE says that it may.
 */
static _Noreturn void
serve_proxy(struct log log, int sock)
{
	enum { SOCK = 3, LOG_DIR, FDS };
	int keep[FDS] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, sock,
			 log.dir};
	struct sigaction usual = {.sa_handler = SIG_DFL};
	unsigned char c = 0;
	ssize_t n;

	err_last = NULL;
	sigaction(SIGTERM, &usual, NULL); /* the proxy's writes to its own */
	if (fd_keep_only(keep, FDS) < 0)
		die(ERR_TOOL, "cannot close inherited descriptors: %m");
	log.dir = log.dir < 0 ? -1 : LOG_DIR;
	log.fd = -1;
	log.tap = NULL;
	log.append_only = 1;
	confine_witness(log.dir);
	confine_calls("the witness");
	while (((n = recv(SOCK, &c, 1, 0)) > 0 && c != BYE) ||
	       (n < 0 && errno == EINTR))
		if (n > 0)
			send_file(SOCK, c);
	if (n <= 0) {
		err_warn("the proxy was killed: nothing is let through any "
			 "more");
		log_event(&log, 0,
			  &(struct event){.kind = "proxy",
					  .verdict = "failed",
					  .why = "the proxy was killed: "
						 "nothing is let through any "
						 "more",
					  .always = 1});
		log_close(&log, 0);
	}
	_exit(0);
}

int
witness_start(const struct log *log)
{
	struct timeval patience = {.tv_sec = 2};
	int sock[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0 ||
	    setsockopt(sock[1], SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)) < 0)
		die(ERR_TOOL, "cannot create a socket: %m");
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot start the proxy's witness: %m");
	if (pid == 0)
		serve_proxy(*log, sock[0]);
	close(sock[0]);
	return sock[1];
}

char *
witness_read(int sock, enum witness_file which, size_t *n)
{
	unsigned char c = (unsigned char)which;
	int error = ENOSYS, fds[FD_MSG_MAX];
	size_t count = 0;
	char *text = NULL;

	if (sock < 0 || send(sock, &c, 1, MSG_NOSIGNAL) != 1 ||
	    receive_message(sock, &error, sizeof(error), fds, &count) !=
		(ssize_t)sizeof(error)) {
		errno = EIO;
		return NULL;
	}
	errno = error;
	if (count == 1)
		text = fd_read_all(fds[0], FILE_MAX, n);
	error = errno;
	while (count > 0)
		close(fds[--count]);
	errno = error;
	return text;
}

void
witness_release(int sock)
{
	if (sock >= 0 && send(sock, &(char){BYE}, 1, MSG_NOSIGNAL) < 0)
		err_warn("cannot tell the proxy's witness: %m");
	/* the only child; nobody may reap it later */
	while (sock >= 0 && wait(NULL) < 0 && errno == EINTR)
		;
}
