#include "pen-ns/option.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/num.h"

int
option_fd(const char *option, const char *text)
{
	unsigned long fd;

	if (num_parse(text, 10, INT_MAX, &fd) < 0)
		die(ERR_TOOL, "--%s: '%s' is not a descriptor", option, text);
	if (fcntl((int)fd, F_GETFD) < 0)
		die(ERR_TOOL, "--%s: descriptor %d is not open", option,
		    (int)fd);
	if (fd > STDERR_FILENO)
		fd_cloexec((int)fd, 1);
	return (int)fd;
}

const char *
option_path(const char *option, const char *text)
{
	if (*text == '\0')
		die(ERR_TOOL, "--%s: a path is empty", option);
	return text;
}
