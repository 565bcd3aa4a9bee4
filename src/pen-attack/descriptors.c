/* Attacks by descriptors that the caller left open. */
#include "pen-attack/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen-attack/attack.h"
#include "pen-attack/part.h"

enum {
	FD_KEY = 20,
	FD_DIRECTORY,
	FD_PATH,
	FD_WRITE,
	FD_SOCKET,
	FD_PIDFD,
	FD_MEMORY,
	FD_PIPE,
	FD_ROOT,
	FD_NAMESPACE,
	FD_HIGH = 200,
	FD_HIGHER = 1000
};

static void
leave(int fd, int number)
{
	if (fd < 0)
		return;
	if (dup2(fd, number) < 0)
		err_warn("cannot leave descriptor %d open: %m", number);
	else if (fd != number)
		close(fd);
}

static int
connect_server(const struct world *w)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "sock"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (chdir(w->base) < 0 ||
	    connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    chdir(w->project) < 0)
		return -1;
	return fd;
}

void
descriptors_leave(const struct world *w)
{
	char path[WORLD_PATH];
	int ends[2], memory = memfd_create("pen-attack", 0);

	if (pipe(ends) < 0 || write(ends[1], "PLANTED", 7) < 0 ||
	    write(memory, "PLANTED", 7) < 0 || lseek(memory, 0, SEEK_SET) < 0)
		die(ERR_TOOL, "cannot make a pipe: %m");
	leave(open(world_path(w, "@B/keys/id", path), O_RDONLY), FD_KEY);
	leave(open(world_path(w, "@B/keys", path), O_RDONLY), FD_DIRECTORY);
	leave(open(world_path(w, "@B/sibling", path), O_PATH), FD_PATH);
	leave(open(world_path(w, "@B/open", path), O_WRONLY), FD_WRITE);
	leave(connect_server(w), FD_SOCKET);
	leave((int)syscall(SYS_pidfd_open, w->victim, 0), FD_PIDFD);
	fcntl(FD_PIDFD, F_SETFD, 0);
	leave(memory, FD_MEMORY);
	leave(ends[0], FD_PIPE);
	leave(open("/", O_PATH), FD_ROOT);
	leave(open("/proc/self/ns/user", O_RDONLY), FD_NAMESPACE);
	leave(open(world_path(w, "@B/keys/id", path), O_RDONLY), FD_HIGH);
	leave(open(world_path(w, "@B/keys/id", path), O_RDONLY), FD_HIGHER);
}

static long
text_is(const char text[7], const char *wanted)
{
	return memcmp(text, wanted, 7) == 0 ? 0 : failed_by(ENODATA);
}

static int
parse_number(const char *arg)
{
	return (int)strtol(arg, NULL, 10);
}

TRY(read_left)
{
	char text[7] = "";

	if (read(parse_number(arg), text, sizeof(text)) < 0)
		return -1;
	return text_is(text,
		       parse_number(arg) == FD_SOCKET ? "REACHED" : "PLANTED");
}

/* arg is "NUMBER PATH", from a directory. */
TRY(read_from_left)
{
	char path[WORLD_PATH], text[7] = "";
	int fd =
	    openat(parse_number(arg), world_path(w, strchr(arg, ' ') + 1, path),
		   O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text)) < 0)
		return -1;
	return text_is(text, "PLANTED");
}

TRY(write_left)
{
	return write(parse_number(arg), "CHANGED", 7);
}

/* The file that 23 is. */
TRY(is_changed_open)
{
	return is_changed(w, "@B/open");
}

TRY(signal_left)
{
	return syscall(SYS_pidfd_send_signal, parse_number(arg), 0, NULL, 0);
}

TRY(find_left)
{
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && fd != PART_OWN)
			return fd;
	return failed_by(EBADF);
}

TRY(stat_left)
{
	return fcntl(parse_number(arg), F_GETFD);
}

/* A directory as standard input, output or error: arg is its number. */
TRY(walk_standard)
{
	char text[7] = "";
	int fd = openat(parse_number(arg), "../keys/id", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text)) < 0)
		return -1;
	return text_is(text, "PLANTED");
}
