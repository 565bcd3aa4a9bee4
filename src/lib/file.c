#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"

int
file_open_regular(const char *path, int flags)
{
	int fd =
	    open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);
	struct stat st;
	int error;

	if (fd < 0)
		return -1;
	error = fstat(fd, &st) < 0 ? errno : !S_ISREG(st.st_mode) ? EINVAL : 0;
	if (error == 0)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

char *
file_read(const char *path, int flags, size_t max, size_t *n)
{
	int fd = file_open_regular(path, flags), error;
	char *text;

	if (fd < 0)
		return NULL;
	text = fd_read_all(fd, max, n);
	error = errno;
	close(fd);
	errno = error;
	return text;
}
