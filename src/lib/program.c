#include "lib/program.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"

enum { IN, OUT, ERR, OTHERS, FDS = OTHERS + 3 };

void
program_become(const struct strv *words, int others[3], const sigset_t *mask)
{
	int fds[FDS] = {open("/dev/null", O_RDWR | O_CLOEXEC),
			STDERR_FILENO,
			STDERR_FILENO,
			others[0],
			others[1],
			others[2]};

	if (fcntl(STDERR_FILENO, F_GETFD) < 0)
		fds[OUT] = fds[ERR] = fds[IN];
	if (fd_keep_only(fds, FDS) < 0 ||
	    (mask && sigprocmask(SIG_SETMASK, mask, NULL) < 0))
		die(ERR_TOOL, "cannot start '%s': %m", words->v[0]);
	execv(words->v[0], words->v);
	die(ERR_NOEXEC, "cannot execute '%s': %m", words->v[0]);
}
