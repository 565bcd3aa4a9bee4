#include "pen-monitor/watcher.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/program.h"

/* What is seen waits in it: nobody reads before the end. */
#define PIPE_SIZE (1 << 20)

/* All signals stay blocked in it: they are prog's. */
static _Noreturn void
become_watch(const struct plan *plan, int events)
{
	static const char *const options[] = {"--jail", "4",	  "--events",
					      "5",	"--args", "3"};
	struct strv words = {0};

	strv_push(&words, plan->watch);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		strv_push(&words, options[i]);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || setsid() < 0)
		die(ERR_TOOL, "cannot start '%s': %m", plan->watch);
	program_become(&words, (int[]){plan->options, plan->jail, events},
		       NULL);
}

void
watcher_start(struct plan *plan)
{
	int events[2];

	if (!plan->watch)
		return;
	if (pipe2(events, O_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot make a pipe for '%s': %m", plan->watch);
	fcntl(events[1], F_SETPIPE_SZ, PIPE_SIZE); /* a bound of the user's */
	plan->watcher = fork();
	if (plan->watcher < 0)
		die(ERR_TOOL, "cannot start '%s': %m", plan->watch);
	if (plan->watcher == 0)
		become_watch(plan, events[1]);
	/* the jail is to see the end of the watch, and who reads, of events */
	close(events[1]);
	close(plan->jail);
	plan->events = events[0];
}
