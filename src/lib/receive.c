#include "lib/receive.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/fd.h"

/* Room for the control message of FD_MSG_MAX descriptors, aligned for it. */
union control {
	struct cmsghdr hdr;
	char buf[CMSG_SPACE(FD_MSG_MAX * sizeof(int))];
};

ssize_t
receive_message(int sock, void *buf, size_t len, int *fds, size_t *n)
{
	union control c;
	struct iovec iov = {buf, len};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = c.buf,
			   .msg_controllen = sizeof(c.buf)};
	ssize_t r;

	*n = 0;
	do
		r = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -1;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		size_t k = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(fds + *n, CMSG_DATA(h), k * sizeof(int));
		*n += k;
	}
	if (m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		while (*n > 0)
			close(fds[--*n]);
		errno = EMSGSIZE;
		return -1;
	}
	return r;
}
