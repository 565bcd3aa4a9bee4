#include "pen-attack/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"

#define TERMINAL_TURNS 400 /* of 50 ms */

/* Copies what comes until the launch has ended and nothing comes any more. */
static void
copy_output(int master, int file, pid_t pid)
{
	struct pollfd p = {.fd = master, .events = POLLIN};
	char buf[4096];
	int over = 0, status;

	for (int turn = 0; turn < TERMINAL_TURNS; turn++) {
		ssize_t n;

		if (poll(&p, 1, 50) > 0) {
			n = read(master, buf, sizeof(buf));
			if (n > 0)
				fd_write_all(file, buf, (size_t)n);
			continue;
		}
		if (over)
			return;
		over = waitpid(pid, &status, WNOHANG) == pid;
	}
	launch_wait(pid, 0);
}

void
terminal_run(struct launch *l, struct world *w)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave, again;
	struct termios before, after;
	char path[WORLD_PATH], name[64];
	int file = open(world_path(w, "@B/terminal", path),
			O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ||
	    ptsname_r(master, name, sizeof(name)) != 0 || file < 0)
		die(ERR_TOOL, "cannot make a terminal: %m");
	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || ioctl(slave, TIOCSWINSZ, &size) < 0 ||
	    tcgetattr(slave, &before) < 0)
		die(ERR_TOOL, "cannot open '%s': %m", name);
	l->terminal = slave;
	copy_output(master, file, launch_start(l));
	w->nonblock = (fcntl(slave, F_GETFL) & O_NONBLOCK) != 0;
	w->modes = tcgetattr(slave, &after) < 0 ||
		   before.c_lflag != after.c_lflag ||
		   before.c_cc[VEOF] != after.c_cc[VEOF];
	again = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	w->exclusive = again < 0 && errno == EBUSY;
	if (again >= 0)
		close(again);
	close(file);
	close(slave);
	close(master);
}
