#include "lib/helper.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#define VARIABLE "PEN_HELPERS"

int
helper_add(pid_t pid, int signal)
{
	const char *old = getenv(VARIABLE);
	char text[HELPER_MAX * 24];
	int n = snprintf(text, sizeof(text), "%s%d:%d,", old ? old : "", pid,
			 signal);

	if (n < 0 || n >= (int)sizeof(text)) {
		errno = E2BIG;
		return -1;
	}
	return setenv(VARIABLE, text, 1);
}

/* A number that is no child of ours is another process's by now. */
static int
is_child(pid_t pid)
{
	siginfo_t info;

	return pid > 0 && waitid(P_PID, (id_t)pid, &info,
				 WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
}

void
helper_take(struct helpers *h)
{
	const char *text = getenv(VARIABLE);
	int pid, signal, len;

	h->n = 0;
	while (text && h->n < HELPER_MAX &&
	       sscanf(text, "%d:%d,%n", &pid, &signal, &len) == 2) {
		if (is_child(pid)) {
			h->v[h->n].pid = pid;
			h->v[h->n++].signal = signal;
		}
		text += len;
	}
	unsetenv(VARIABLE);
}

void
helper_end(const struct helpers *h)
{
	for (size_t i = h->n; i-- > 0;) {
		kill(h->v[i].pid, h->v[i].signal);
		while (waitpid(h->v[i].pid, NULL, __WALL) < 0 && errno == EINTR)
			;
	}
}
