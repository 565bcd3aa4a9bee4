/*
 * --at-end: what is to be done outside with what the run has left, when nobody
 * is left to change it.
 */
#include "pen-monitor/end.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/program.h"
#include "lib/receive.h"

/* What the program finds open. */
enum { MANIFEST = 3, LAYER, EVENTS };

int
end_take_layer(int sock)
{
	int fds[FD_MSG_MAX];
	size_t n = 0;
	char c;

	if (sock < 0 || receive_message(sock, &c, 1, fds, &n) < 0 || n == 0)
		return -1;
	return fds[0];
}

static _Noreturn void
become_end(const struct plan *plan, const struct end *e, int status)
{
	struct strv words = {0};

	strv_push(&words, plan->at_end);
	strv_push(&words, "--manifest");
	strv_push(&words, mem_printf("%d", MANIFEST));
	if (e->layer >= 0) {
		strv_push(&words, "--layer");
		strv_push(&words, mem_printf("%d", LAYER));
	}
	strv_push(&words, "--status");
	strv_push(&words, mem_printf("%d", status));
	if (e->events >= 0) {
		strv_push(&words, "--events");
		strv_push(&words, mem_printf("%d", EVENTS));
	}
	program_become(&words, (int[]){e->manifest, e->layer, e->events},
		       &plan->mask);
}

void
end_run(const struct plan *plan, const struct end *e, int status)
{
	int how;
	pid_t pid, got;

	if (!plan->at_end)
		return;
	pid = fork();
	if (pid == 0)
		become_end(plan, e, status);
	do
		got = pid < 0 ? -1 : waitpid(pid, &how, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		err_warn("cannot run '%s': %m", plan->at_end);
	else if (WIFSIGNALED(how))
		err_warn("'%s' died of signal %d (%s): what the run left is "
			 "not accounted for",
			 plan->at_end, WTERMSIG(how), strsignal(WTERMSIG(how)));
	else if (WEXITSTATUS(how) != 0)
		err_warn("'%s' ended with status %d: what the run left is not "
			 "accounted for",
			 plan->at_end, WEXITSTATUS(how));
}
