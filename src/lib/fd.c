#include "lib/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int
fd_write_all(int fd, const void *buf, size_t n)
{
	const char *p = buf;

	while (n > 0) {
		ssize_t r = write(fd, p, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -1;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

char *
fd_read_all(int fd, size_t max, size_t *n)
{
	size_t used = 0, room = 4096;
	char *buf = malloc(room + 1), *bigger;
	ssize_t r;

	while (buf) {
		r = read(fd, buf + used, room - used);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			break;
		if (r == 0) {
			buf[used] = '\0';
			*n = used;
			return buf;
		}
		used += (size_t)r;
		if (used > max) {
			errno = EFBIG;
			break;
		}
		if (used < room)
			continue;
		room *= 2;
		bigger = realloc(buf, room + 1);
		if (!bigger)
			break;
		buf = bigger;
	}
	free(buf);
	return NULL;
}

int
fd_write_file(int dirfd, const char *path, const char *text)
{
	int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(text);
	ssize_t r;
	int saved;

	if (fd < 0)
		return -1;
	r = write(fd, text, n);
	saved = errno;
	close(fd);
	errno = r < 0 ? saved : EIO;
	return r == (ssize_t)n ? 0 : -1;
}

int
fd_cloexec(int fd, int on)
{
	/* the only flag that there is: fcntl(2) */
	return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

int
fd_keep_only(const int *fds, size_t n)
{
	int high[FD_KEEP_MAX]; /* copies that no dup2(2) below overwrites */

	if (n > sizeof(high) / sizeof(*high)) {
		errno = EINVAL;
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		high[i] =
		    fds[i] < 0 ? -1 : fcntl(fds[i], F_DUPFD_CLOEXEC, (int)n);
		if (fds[i] >= 0 && high[i] < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (high[i] < 0)
			close((int)i);
		else if (dup2(high[i], (int)i) < 0)
			return -1;
	}
	return (int)syscall(SYS_close_range, (unsigned)n, UINT_MAX, 0);
}

/* Room for the control message of FD_MSG_MAX descriptors, aligned for it. */
union control {
	struct cmsghdr hdr;
	char buf[CMSG_SPACE(FD_MSG_MAX * sizeof(int))];
};

int
fd_send(int sock, const void *buf, size_t len, const int *fds, size_t n)
{
	union control c;
	struct iovec iov = {(void *)(size_t)buf, len};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t r;

	if (n > FD_MSG_MAX) {
		errno = EINVAL;
		return -1;
	}
	if (n > 0) {
		memset(&c, 0, sizeof(c));
		m.msg_control = c.buf;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c.hdr.cmsg_level = SOL_SOCKET;
		c.hdr.cmsg_type = SCM_RIGHTS;
		c.hdr.cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&c.hdr), fds, n * sizeof(int));
	}
	do
		r = sendmsg(sock, &m, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r == (ssize_t)len ? 0 : -1;
}
