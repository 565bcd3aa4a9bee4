/* Attacks by sockets: families that no namespace holds, and names of others. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "pen-attack/attack.h"
#include "pen-attack/root.h"

/* arg: family, type and protocol; "root" before them to be root first. */
TRY(open_socket)
{
	unsigned long a[3];
	char *end = (char *)arg;

	if (strncmp(arg, "root ", 5) == 0) {
		root_become();
		end += 5;
	}
	for (int i = 0; i < 3; i++)
		a[i] = strtoul(end, &end, 0);
	return syscall(SYS_socket, a[0], a[1], a[2]);
}

static long
hear_reached(int fd)
{
	struct timeval wait = {1, 0};
	char text[7] = "";
	ssize_t n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	n = recv(fd, text, sizeof(text), MSG_WAITALL);
	if (n < 0)
		return -1;
	return memcmp(text, "REACHED", sizeof(text)) == 0 ? 0
							  : failed_by(ENODATA);
}

/* arg: a path, or "@@NAME" for an abstract name; datagrams end in ".dgram". */
TRY(connect_unix)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX}, own = a;
	char path[WORLD_PATH], *name;
	size_t n = strlen(arg);
	int datagram = n > 6 && strcmp(arg + n - 6, ".dgram") == 0;
	int fd = socket(AF_UNIX, datagram ? SOCK_DGRAM : SOCK_STREAM, 0);

	world_path(w, arg[0] == '@' && arg[1] == '@' ? arg + 1 : arg, path);
	name = path;
	if (*path == '/') {
		/* paths of sockets are short */
		name = strrchr(path, '/');
		*name++ = '\0';
		if (chdir(path) < 0)
			return -1;
	}
	n = strlen(name);
	if (fd < 0 || n >= sizeof(a.sun_path))
		return -1;
	memcpy(a.sun_path, name, n);
	if (*name == '@')
		a.sun_path[0] = '\0';
	if (datagram && bind(fd, (struct sockaddr *)&own,
			     offsetof(struct sockaddr_un, sun_path)) < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&a,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) <
	    0)
		return -1;
	if (datagram && send(fd, "x", 1, 0) < 0)
		return -1;
	return hear_reached(fd);
}

/* A server of the system's: that it answers the call is enough. */
TRY(connect_only)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", arg);
	return connect(fd, (struct sockaddr *)&a, sizeof(a));
}
