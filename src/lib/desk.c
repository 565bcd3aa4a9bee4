#include "lib/desk.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int
desk_send(int fd, enum desk what, const void *data, size_t n)
{
	unsigned char message[1 + DESK_MAX];

	if (n > DESK_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	message[0] = (unsigned char)what;
	if (n > 0)
		memcpy(message + 1, data, n);
	return send(fd, message, n + 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1
									 : 0;
}

int
desk_receive(int fd, unsigned char data[DESK_MAX], size_t *n)
{
	unsigned char message[1 + DESK_MAX];
	ssize_t got;

	do
		got = recv(fd, message, sizeof(message), MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return -1;
	if (got <= 0)
		return 0;
	*n = (size_t)got - 1;
	memcpy(data, message + 1, *n);
	return message[0] ? message[0] : 0xff; /* neither says anything */
}
