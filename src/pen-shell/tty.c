#include "pen-shell/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Programs make arrays of these.  Emulators seldom go beyond a few hundred. */
#define SIZE_MAX_CLAMP 2000

/*
 * The terminal is shared with the user's shell and others: O_NONBLOCK is a
 * flag of the open file, so that needs to be one of our own.
 */
static int
open_again(int fd, int mode)
{
	char path[] = "/proc/self/fd/0";
	int own;

	path[sizeof(path) - 2] = (char)('0' + fd);
	own = open(path, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	/* another user's, by su(1): it works, but for a slow terminal */
	return own >= 0 ? own : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

int
tty_open(struct tty *t)
{
	struct stat in, out;

	if (tcgetattr(STDIN_FILENO, &t->saved) < 0 || !isatty(STDOUT_FILENO) ||
	    fstat(STDIN_FILENO, &in) < 0 || fstat(STDOUT_FILENO, &out) < 0 ||
	    in.st_rdev != out.st_rdev)
		return -1;
	t->in = open_again(STDIN_FILENO, O_RDONLY);
	t->out = open_again(STDOUT_FILENO, O_WRONLY);
	return t->in < 0 || t->out < 0 ? -1 : 0;
}

/* At once: a terminal that is stopped would keep us waiting. */
static int
set_modes(const struct tty *t, const struct termios *mode)
{
	int r;

	do
		r = tcsetattr(t->out, TCSANOW, mode);
	while (r < 0 && errno == EINTR);
	return r;
}

int
tty_raw(const struct tty *t)
{
	struct termios raw = t->saved;

	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	return set_modes(t, &raw);
}

int
tty_restore(const struct tty *t)
{
	return set_modes(t, &t->saved);
}

static void
clamp(unsigned short *v, unsigned short none)
{
	if (*v == 0)
		*v = none;
	if (*v > SIZE_MAX_CLAMP)
		*v = SIZE_MAX_CLAMP;
}

void
tty_size(const struct tty *t, struct winsize *size)
{
	if (ioctl(t->out, TIOCGWINSZ, size) < 0)
		*size = (struct winsize){0};
	clamp(&size->ws_row, 24);
	clamp(&size->ws_col, 80);
}
