#include "pen-shell/console.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"

/* Where the console finds its descriptors. */
enum { DESK = 3, ABOUT };

/* What the console can tell about the pen: two texts, each ended by NUL. */
static int
write_about(const struct about *a, const char *settings)
{
	int fd = memfd_create("about", MFD_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, settings, strlen(settings)) < 0 ||
	    fd_write_all(fd, a->conf, strlen(a->conf) + 1) < 0 ||
	    fd_write_all(fd, a->chain, strlen(a->chain) + 1) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		die(ERR_TOOL, "cannot write down what the pen is: %m");
	return fd;
}

int
console_start(pid_t pen, const struct about *a, const char *settings)
{
	int text = write_about(a, settings), pair[2];
	struct strv argv = {0};
	pid_t pid;

	strv_push(&argv, chain_sibling("pen-ctl"));
	strv_push(&argv, mem_printf("--desk=%d", DESK));
	strv_push(&argv, mem_printf("--about=%d", ABOUT));
	strv_push(&argv, mem_printf("--pen=%d", (int)pen));
	strv_push(&argv, "console");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, pair) < 0)
		die(ERR_TOOL, "cannot make a socket pair: %m");
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid == 0) {
		int fds[] = {0, 1, 1, pair[1], text}; /* DESK, ABOUT */

		if (fd_keep_only(fds, 5) == 0)
			chain_exec(argv.v);
		_exit(ERR_TOOL);
	}
	close(text);
	close(pair[1]);
	return pair[0];
}
