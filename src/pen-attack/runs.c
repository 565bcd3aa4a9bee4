/* The order of all launches, outside and then inside. */
#include "pen-attack/runs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "pen-attack/alone.h"
#include "pen-attack/part.h"
#include "pen-attack/process.h"
#include "pen-attack/terminal.h"

#define TOGETHER_SECONDS 40

/* What is removed when this process ends, in whatever way. */
static struct {
	pid_t owner;
	const char *path;
	struct world *world;
} made;

static void
remove_made(void)
{
	const char *path = made.path, *slash;
	int dir;

	if (!path || made.owner != getpid())
		return;
	made.path = NULL;
	if (made.world) {
		process_end(made.world);
		world_end(made.world);
	}
	slash = strrchr(path, '/');
	dir = open(getenv("HOME"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || beneath_remove(dir, slash + 1) < 0)
		err_warn("cannot remove '%s': %m", path);
	close(dir);
}

/* Whether an attack of the kind is selected. */
static int
any_of(const struct outcome *o, enum run run)
{
	for (size_t i = 0; i < attacks_n; i++)
		if (o->selected[i] && attacks[i].run == run)
			return 1;
	return 0;
}

static void
check_launch(const struct launch *l, int results[WORLD_ATTACKS])
{
	char *said, line[256];

	for (size_t i = 0; i < attacks_n; i++)
		if (attacks[i].run == l->run && results[i] != ATTACK_NOT_MADE)
			return;
	said = launch_said(l->world);
	said[strcspn(said, "\n")] = '\0';
	err_visible(line, sizeof(line), said, strlen(said));
	if (l->run == RUN_SHARED || !l->launcher)
		die_hint("nothing was attacked: every secret is kept where "
			 "nothing runs",
			 "the launcher did not run the attacks (%s): %s",
			 part_name(l->run), line);
	err_warn("the launcher did not run the attacks (%s): %s",
		 part_name(l->run), line);
	free(said);
}

/* All attacks of a kind in one launch. */
static void
run_together(const struct launcher *launcher, struct world *w, enum run run,
	     int results[WORLD_ATTACKS])
{
	char program[WORLD_PATH];
	char *argv[] = {world_path(w, "@P/pen-attack", program),
			(char *)"--part", (char *)part_name(run),
			(char *)world_file(w), NULL};
	struct launch l = {.launcher = launcher,
			   .world = w,
			   .project = w->project,
			   .dir = w->project,
			   .run = run,
			   .argv = argv,
			   .terminal = -1};

	world_save(w);
	if (run == RUN_TTY)
		terminal_run(&l, w);
	else
		launch_wait(launch_start(&l), TOGETHER_SECONDS);
	part_read(w, results);
	check_launch(&l, results);
}

/* What the judges say counts, where there are any. */
static void
judge(struct world *w, const struct outcome *o, int results[WORLD_ATTACKS])
{
	process_await_signals(w);
	for (size_t i = 0; i < attacks_n; i++) {
		const struct attack *a = &attacks[i];

		if (!o->selected[i] || results[i] == ATTACK_NOT_MADE ||
		    a->judge == attack_none || a->run == RUN_KILLED)
			continue;
		if (a->judge(w, a->arg) >= 0)
			results[i] = 0;
		else if (results[i] == 0)
			results[i] = errno;
	}
}

/* A control that is reached in vain would make hellos held by a dead name. */
static void
check_reached(const struct outcome *o, int results[WORLD_ATTACKS])
{
	static const char *const groups[] = {"hellos", "http"};

	for (size_t g = 0; g < sizeof(groups) / sizeof(*groups); g++) {
		char *name = mem_join(groups[g], "/right");
		size_t right = attack_find(name);

		free(name);
		if (!o->selected[right] || results[right] == 0)
			continue;
		for (size_t i = 0; i < attacks_n; i++)
			if (strcmp(attacks[i].group, groups[g]) == 0)
				results[i] = ATTACK_NOT_MADE;
	}
}

static void
make_side(const struct launcher *launcher, const char *path, struct outcome *o,
	  int results[WORLD_ATTACKS])
{
	static const enum run together[] = {RUN_SHARED, RUN_FDS, RUN_TTY,
					    RUN_NET};
	struct world w = {.inside = launcher != NULL};

	for (size_t i = 0; i < attacks_n; i++)
		results[i] = ATTACK_NOT_MADE;
	memcpy(w.selected, o->selected, sizeof(w.selected));
	world_make(&w, path, launcher ? "inside" : "outside");
	made.world = &w;
	process_start(&w);
	for (size_t i = 0; i < sizeof(together) / sizeof(*together); i++)
		if (any_of(o, together[i]))
			run_together(launcher, &w, together[i], results);
	judge(&w, o, results);
	for (size_t i = 0; i < attacks_n; i++)
		if (o->selected[i])
			alone_run(launcher, &w, i, results);
	if (launcher && !launcher->with)
		check_reached(o, results);
	made.world = NULL;
	process_end(&w);
	world_end(&w);
}

/* What makes sense of a group is made with any of it. */
static void
select_more(struct outcome *o)
{
	for (size_t i = 0; i < attacks_n; i++) {
		size_t right;
		char *name;

		if (!o->selected[i] || attacks[i].run != RUN_NET)
			continue;
		name = mem_join(attacks[i].group, "/right");
		right = attack_find(name);
		if (right < attacks_n)
			o->selected[right] = 1;
		free(name);
	}
}

static void
interrupted(int signo)
{
	remove_made();
	_exit(128 + signo);
}

void
runs_make(const struct launcher *l, struct outcome *o)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	const struct sigaction end = {.sa_handler = interrupted};
	char *path = mem_join(getenv("HOME"), "/.pen-attack.XXXXXX");

	umask(077);
	if (!mkdtemp(path))
		die(ERR_TOOL, "cannot make '%s': %m", path);
	made.owner = getpid();
	made.path = path;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		sigaction(ends[i], &end, NULL);
	err_last = remove_made;
	select_more(o);
	make_side(NULL, path, o, o->control);
	make_side(l, path, o, o->inside);
	remove_made();
}
