/*
 * pen-monitor: waits, outside, for the jail that pen-ns has made.
 *
 * It is the process that the caller started: pen-ns executes it when the jail's
 * first process is on its way.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/helper.h"
#include "lib/message.h"
#include "lib/opt.h"
#include "lib/terminal.h"
#include "pen-monitor/end.h"
#include "pen-monitor/monitor.h"
#include "pen-monitor/plan.h"
#include "pen-monitor/status.h"
#include "pen-monitor/watcher.h"

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static const struct opt table[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0},
};

static const struct opt_tool tool = {
    .usage = "--child PID --sock FD [options]",
    .purpose = "Waits for the jail of pen-ns(1), which executes it.",
    .opts = table,
};

static int
take_fd(const char *option, const char *text)
{
	int fd = (int)opt_number(option, text, INT_MAX);

	if (fd > 2 && fd_cloexec(fd, 1) < 0)
		die(ERR_TOOL, "--%s: descriptor %d: %m", option, fd);
	return fd;
}

/* An option that does one thing to the plan. */
#define TAKES(fn, statement)                   \
	static void fn(void *cfg, char **args) \
	{                                      \
		struct plan *plan = cfg;       \
                                               \
		(void)args;                    \
		statement;                     \
	}

TAKES(child, plan->child = (pid_t)opt_number("child", args[0], INT_MAX))
TAKES(sock, plan->sock = take_fd("sock", args[0]))
TAKES(direct, plan->direct = 1)
TAKES(stays, plan->stays = 1)
TAKES(plain, plan->plain = 1)
TAKES(namespaces,
      plan->namespaces = opt_number("namespaces", args[0], UINT_MAX))
TAKES(info_fd, plan->info = take_fd("info-fd", args[0]))
TAKES(json_fd, plan->json = take_fd("json-status-fd", args[0]))

static void
name(void *cfg, char **args)
{
	(void)cfg;
	err_prog = args[0];
	err_status = (int)opt_number("name", args[1], 255);
}

static void
level_prefix(void *cfg, char **args)
{
	(void)cfg;
	(void)args;
	err_levels = 1;
}

static void
mask(void *cfg, char **args)
{
	struct plan *plan = cfg;
	unsigned long long bits = strtoull(args[0], NULL, 16);

	for (int sig = 1; sig <= 64; sig++)
		if (bits >> (sig - 1) & 1)
			sigaddset(&plan->mask, sig);
}

static void
leads(void *cfg, char **args)
{
	struct plan *plan = cfg;

	plan->leads = 1;
	plan->terminal.ws_row =
	    (unsigned short)opt_number("leads", args[0], USHRT_MAX);
	plan->terminal.ws_col =
	    (unsigned short)opt_number("leads", args[1], USHRT_MAX);
}

static void
at_end(void *cfg, char **args)
{
	struct plan *plan = cfg;

	plan->at_end = args[0];
	plan->manifest = take_fd("at-end", args[1]);
	plan->layer = take_fd("at-end", args[2]);
}

static void
watch(void *cfg, char **args)
{
	struct plan *plan = cfg;

	plan->watch = args[0];
	plan->options = take_fd("watch", args[1]);
	plan->jail = take_fd("watch", args[2]);
}

static void
read_options(struct plan *plan, int argc, char **argv)
{
	*plan = (struct plan){.sock = -1,
			      .info = -1,
			      .json = -1,
			      .manifest = -1,
			      .layer = -1,
			      .events = -1};
	sigemptyset(&plan->mask);
	if (opt_parse(&tool, plan, argc, argv) < argc || plan->child <= 0 ||
	    plan->sock < 0)
		die_hint("pen-ns(1) runs programs",
			 "pen-monitor is executed by pen-ns");
}

int
main(int argc, char **argv)
{
	struct plan plan;
	struct helpers helpers;
	int status, died;

	err_prog = "pen-monitor";
	read_options(&plan, argc, argv);
	helper_take(&helpers);
	watcher_start(&plan);
	status_start(&plan);
	if ((plan.info >= 0 || plan.json >= 0) &&
	    message_send(plan.sock, SAY_GO, 0) < 0 && errno != EPIPE)
		die(ERR_TOOL, "cannot let the jail start: %m");
	status = monitor_run(&plan, &died);
	if (!plan.plain)
		terminal_take_messages();
	helper_end(&helpers);
	monitor_end(&plan, status);
	if (plan.watcher > 0)
		waitpid(plan.watcher, NULL, 0);
	/* whoever is its parent next, in a container, may not wait for it */
	if (!plan.stays && waitpid(plan.child, NULL, 0) < 0 && errno != ECHILD)
		die(ERR_TOOL, "cannot wait for pid 1: %m");
	/*
	 * A shell ends its loop on Ctrl-C, and puts its terminal in order, only
	 * when the command died of the signal; its $? is 128+n either way.
	 */
	if (died > 0 && !plan.plain)
		monitor_die(died);
	return status;
}
