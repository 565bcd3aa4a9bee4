/* Attacks on the user's terminal. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lib/fd.h"
#include "pen-attack/attack.h"

#define DIRTY 0xdeadbeef00000000ul

/* On a terminal whose session is ours: a new one, in a new session. */
static int
open_own(int controlling)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	char name[64];
	int slave;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 ||
	    ptsname_r(master, name, sizeof(name)) != 0)
		return -1;
	setsid();
	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave >= 0 && controlling && ioctl(slave, TIOCSCTTY, 0) < 0)
		return -1;
	return slave;
}

/* arg: the command's name, with "+" before it for dirt in its high half. */
TRY(terminal_call)
{
	static const struct {
		const char *name;
		unsigned long command;
	} commands[] = {{"TIOCSTI", TIOCSTI},	   {"TIOCLINUX", TIOCLINUX},
			{"TIOCSETD", TIOCSETD},	   {"TIOCEXCL", TIOCEXCL},
			{"KDSKBMODE", 0x4b45},	   {"VT_ACTIVATE", 0x5606},
			{"VT_LOCKSWITCH", 0x560b}, {"PIO_FONTRESET", 0x4b6d},
			{"TIOCCONS", TIOCCONS}};
	unsigned long dirt = *arg == '+' ? DIRTY : 0;
	int fd = open_own(1), zero = 0;

	if (fd < 0)
		return -1;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (strcmp(commands[i].name, arg + (dirt != 0)) == 0)
			return syscall(SYS_ioctl, fd,
				       commands[i].command | dirt, &zero);
	return failed_by(EINVAL);
}

/* Another session's controlling terminal. */
TRY(terminal_steal)
{
	unsigned long dirt = *arg == '+' ? DIRTY : 0;
	int fd = open_own(0);

	return fd < 0 ? -1 : syscall(SYS_ioctl, fd, TIOCSCTTY | dirt, dirt | 1);
}

/* Types into the terminal that the run has. */
TRY(terminal_type)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	return fd < 0 ? -1 : ioctl(fd, TIOCSTI, "x");
}

/* Another terminal of the user's, by its name. */
TRY(terminal_other)
{
	int fd = open(w->terminal, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? -1 : write(fd, arg, strlen(arg));
}

/* Writes a sequence, which an outside terminal would obey. */
TRY(say)
{
	return fd_write_all(STDOUT_FILENO, arg, strlen(arg));
}

/* Did it come to the user's terminal? */
TRY(heard)
{
	char path[WORLD_PATH];
	static char text[1 << 20];
	int fd = open(world_path(w, "@B/terminal", path), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (n < 0)
		return -1;
	return memmem(text, (size_t)n, arg, strlen(arg)) ? 0
							 : failed_by(ENODATA);
}

TRY(leave_nonblock)
{
	return fcntl(STDIN_FILENO, F_SETFL, O_RDWR | O_NONBLOCK);
}

TRY(left_nonblock)
{
	return w->nonblock ? 0 : failed_by(ENODATA);
}

TRY(leave_modes)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t) < 0)
		return -1;
	t.c_lflag &= (tcflag_t) ~(ECHO | ISIG);
	t.c_cc[VEOF] = 'e';
	return tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

TRY(left_modes)
{
	return w->modes ? 0 : failed_by(ENODATA);
}

TRY(leave_exclusive)
{
	return ioctl(STDIN_FILENO, TIOCEXCL);
}

TRY(left_exclusive)
{
	return w->exclusive ? 0 : failed_by(ENODATA);
}
