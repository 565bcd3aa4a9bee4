#include "pen-ctl/conf.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/mem.h"

/* Runs pen --edit.  Whether something was changed. */
static int
edit(const struct conf_place *p, const char *verb, const char *rule)
{
	struct sigaction usual = {.sa_handler = SIG_DFL}, was;
	struct strv argv = {0};
	int status;
	pid_t pid;

	strv_push(&argv, chain_sibling("pen"));
	if (p->project) {
		strv_push(&argv, "--project");
		strv_push(&argv, p->project);
	}
	strv_push(&argv, "--edit");
	strv_push(&argv, verb);
	strv_push(&argv, p->key);
	strv_push(&argv, rule);
	sigaction(SIGCHLD, &usual, &was); /* ask has its children reaped */
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot start pen: %m");
	if (pid == 0)
		chain_exec(argv.v);
	if (waitpid(pid, &status, 0) < 0)
		die(ERR_TOOL, "cannot wait for pen: %m");
	sigaction(SIGCHLD, &was, NULL);
	free(argv.v);
	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1)
		err_exit(ERR_TOOL);
	return WEXITSTATUS(status) == 0;
}

void
conf_add(const struct conf_place *p, const char *rule)
{
	edit(p, "add", rule);
}

int
conf_remove(const struct conf_place *p, const char *rule)
{
	return edit(p, "remove", rule);
}
