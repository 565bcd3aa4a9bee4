#include "pen-attack/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/mem.h"

#define SCRIPT_SECONDS 10
#define READY_TURNS 5000 /* of a millisecond */

/* Before every attack: a repository with a commit, and a program, evil; made
 * once, and copied. */
#define MAKE_PROJECT                                                      \
	"set -e; git init -q .; git config user.name t; "                 \
	"git config user.email t@example.org; echo one >file; "           \
	"printf '#!/bin/sh\\necho fired >>\"%s\"\\nfalse\\n' \"$FIRED\" " \
	">evil; "                                                         \
	"chmod +x evil; git add file; git commit -qm one"
#define COPY_PROJECT "cp -a ../template/. .\n"

/* What is said then, the launcher says. */
#define QUIET "exec >/dev/null 2>&1\n"

/* Starts a script of ours, outside, in the project. */
static pid_t
start_script(const struct world *w, const char *dir, const char *script)
{
	char fired[WORLD_PATH];
	pid_t pid = fork();
	int null;

	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid > 0)
		return pid;
	setsid();
	setenv("FIRED", world_path(w, "@B/fired", fired), 1);
	/* the user's own configuration is not what is tried */
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_EDITOR", "true", 0);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0 || chdir(dir) < 0)
		_exit(ERR_TOOL);
	execl("/bin/sh", "sh", "-c", script, (char *)NULL);
	_exit(ERR_NOEXEC);
}

static int
run_script(const struct world *w, const char *dir, const char *script)
{
	int status = launch_wait(start_script(w, dir, script), SCRIPT_SECONDS);

	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* Triggers while the run is on, when the project has a file "go"; then "done".
 */
static void
trigger_during(const struct world *w, const char *dir, const char *trigger)
{
	struct timespec turn = {0, 1000000};
	char *go = mem_join(dir, "/go"), *done = mem_join(dir, "/done");

	for (int t = 0; t < READY_TURNS && access(go, F_OK) < 0; t++)
		nanosleep(&turn, NULL);
	run_script(w, dir, trigger);
	world_write(w, done, "");
	free(go);
	free(done);
}

/* Whether pen-review lists it among what is held back or obeyed. */
static int
accounts_for(struct world *w, const char *dir, const char *told)
{
	char *argv[] = {chain_sibling("pen-review"), (char *)"--list", NULL};
	const struct launch l = {.world = w,
				 .project = dir,
				 .dir = dir,
				 .run = RUN_HANDOVER,
				 .argv = argv,
				 .terminal = -1};
	char *said, *line, *rest = NULL;
	int found = 0;

	launch_wait(launch_start(&l), SCRIPT_SECONDS);
	said = launch_said(w);
	for (line = strtok_r(said, "\n", &rest); line && !found;
	     line = strtok_r(NULL, "\n", &rest))
		found = strncmp(line, "changed", 7) != 0 && strstr(line, told);
	free(said);
	return found;
}

int
handover_run(const struct launcher *launcher, struct world *w,
	     const struct attack *a)
{
	static const char during[] = "during: ";
	const struct handover *h = &a->handover;
	char fired[WORLD_PATH], dir[WORLD_PATH], *said;
	char *argv[] = {(char *)"/bin/sh", (char *)"-c",
			mem_join(QUIET, h->attack), NULL};
	struct launch l = {.launcher = launcher,
			   .world = w,
			   .project = dir,
			   .dir = dir,
			   .run = RUN_HANDOVER,
			   .argv = argv,
			   .terminal = -1};
	int now = strncmp(h->trigger, during, strlen(during)) == 0, told, end;
	char *name = mem_join("@B/project-", a->name),
	     *prepare = mem_join(COPY_PROJECT, h->prepare);
	pid_t pid;

	world_path(w, "@B/fired", fired);
	world_path(w, "@B/template", dir);
	if (mkdir(dir, 0700) == 0 && run_script(w, dir, MAKE_PROJECT) != 0)
		return ENOSYS; /* no git */
	if (mkdir(world_path(w, name, dir), 0700) < 0)
		die(ERR_TOOL, "cannot make '%s': %m", dir);
	if (run_script(w, dir, prepare) != 0)
		return ENOSYS;
	unlink(fired);
	pid = launch_start(&l);
	if (now)
		trigger_during(w, dir, h->trigger + strlen(during));
	end = launch_wait(pid, SCRIPT_SECONDS);
	if (!now) {
		unlink(fired);
		run_script(w, dir, h->trigger);
	}
	free(name);
	free(prepare);
	if (access(fired, F_OK) < 0)
		return end < 0 ? ATTACK_NOT_MADE : EPERM;
	said = launch_said(w);
	told = launcher && (strstr(said, h->told) != NULL ||
			    (!launcher->with && accounts_for(w, dir, h->told)));
	free(said);
	return told ? EREMOTE : 0;
}
