#include "pen-attack/alone.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "pen-attack/handover.h"
#include "pen-attack/part.h"
#include "pen-attack/process.h"

#define ALONE_SECONDS 15
#define RACES_OUTSIDE 400
#define RACES_INSIDE 15
#define READY_TURNS 5000 /* of a millisecond */
#define LOCK_TURNS 60000

static const struct timespec turn = {0, 1000000};

/* The launch of this program for just this attack. */
static struct launch
prepare(const struct launcher *launcher, struct world *w, size_t i,
	char *argv[5], char program[WORLD_PATH])
{
	static char file[WORLD_PATH], results[WORLD_PATH];

	memset(w->selected, 0, sizeof(w->selected));
	w->selected[i] = 1;
	world_save(w);
	unlink(world_path(w, PART_RESULTS, results));
	snprintf(file, sizeof(file), "%s", world_file(w));
	argv[0] = world_path(w, "@P/pen-attack", program);
	argv[1] = (char *)"--part";
	argv[2] = (char *)part_name(attacks[i].run);
	argv[3] = file;
	argv[4] = NULL;
	return (struct launch){.launcher = launcher,
			       .world = w,
			       .project = w->project,
			       .dir = w->project,
			       .run = attacks[i].run,
			       .arg = attacks[i].arg,
			       .argv = argv,
			       .terminal = -1};
}

/* A launcher that does not start with that is no way in either. */
static void
run_standard(const struct launcher *launcher, struct world *w, size_t i,
	     int results[WORLD_ATTACKS])
{
	char *argv[5], program[WORLD_PATH];
	struct launch l = prepare(launcher, w, i, argv, program);

	if (launch_wait(launch_start(&l), ALONE_SECONDS) >= 0)
		results[i] = ECANCELED;
	part_read(w, results);
}

/* The launcher is killed by signal arg when the process that stays is there. */
static void
run_killed(const struct launcher *launcher, struct world *w, size_t i,
	   int results[WORLD_ATTACKS])
{
	char *argv[5], program[WORLD_PATH];
	struct launch l = prepare(launcher, w, i, argv, program);
	pid_t pid = launch_start(&l);

	for (int t = 0; t < READY_TURNS && results[i] == ATTACK_NOT_MADE; t++) {
		nanosleep(&turn, NULL);
		part_read(w, results);
	}
	kill(pid, (int)strtol(attacks[i].arg, NULL, 10));
	launch_wait(pid, 2);
	if (results[i] == 0 && attacks[i].judge(w, attacks[i].arg) < 0)
		results[i] = errno;
}

/* One pen-attack at a time, unless somebody holds the others up. */
static int
lock(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	for (int t = 0; t < LOCK_TURNS; t++) {
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			break;
		nanosleep(&turn, NULL);
	}
	return fd;
}

/*
 * Every process of this user is signalled, and the victim cannot tell by whom:
 * kill(-1) names the sender as 0 to all that come behind a process of a pid
 * namespace below the victim's, as any other pen's (send_signal_locked()
 * changes what kill_something_info() sends to the next).
 */
static void
run_everybody(const struct launcher *launcher, struct world *w, size_t i,
	      int results[WORLD_ATTACKS])
{
	char *argv[5], program[WORLD_PATH], heard[WORLD_PATH];
	struct launch l = prepare(launcher, w, i, argv, program);
	int fd = lock();

	process_await_signals(w); /* the others' */
	unlink(process_heard(w, *attacks[i].arg, heard));
	launch_wait(launch_start(&l), ALONE_SECONDS);
	part_read(w, results);
	process_await_signals(w);
	if (attacks[i].judge(w, attacks[i].arg) >= 0)
		results[i] = 0;
	else if (results[i] == 0)
		results[i] = errno;
	close(fd);
}

/* ---- races -----------------------------------------------------------------
 */

/* Exchanges two names for ever, in a process that ends with this one. */
static pid_t
exchange(const char *a, const char *b)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		if (syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b,
			    2 /* RENAME_EXCHANGE */) < 0)
			_exit(1);
}

/* Of a race: two names that are exchanged, and what reads. */
struct race {
	char top[WORLD_PATH]; /* a directory of its own */
	char one[WORLD_PATH], two[WORLD_PATH];
	const char *script, *project;
};

static void
path_below(const struct race *r, const char *name, char path[WORLD_PATH])
{
	if (snprintf(path, WORLD_PATH, "%s/%s", r->top, name) >= WORLD_PATH)
		die(ERR_TOOL, "'%s' is too long", r->top);
}

static void
write_script(const struct world *w, const char *path, const char *text)
{
	world_write(w, path, text);
	if (chmod(path, 0700) < 0)
		die(ERR_TOOL, "cannot change '%s': %m", path);
}

/*
 * arg: "project", which is a directory or a link to the keys; "inner", the same
 * for a directory in the project; "git", for its .git; "script", of which the
 * first line names the key or not.
 */
static void
make_race(const struct world *w, const char *arg, struct race *r)
{
	char name[64], key[WORLD_PATH], file[WORLD_PATH];
	int is_project = strcmp(arg, "project") == 0;

	snprintf(name, sizeof(name), "@B/race-%s", arg);
	world_path(w, name, r->top);
	world_path(w, "@B/keys", key);
	path_below(r, strcmp(arg, "git") == 0 ? ".git" : "one", r->one);
	path_below(r, "two", r->two);
	r->project = is_project ? r->one : r->top;
	if (mkdir(r->top, 0700) < 0)
		die(ERR_TOOL, "cannot make '%s': %m", r->top);
	if (strcmp(arg, "script") == 0) {
		write_script(w, r->one, mem_printf("#!%s/id\n", key));
		write_script(w, r->two,
			     mem_printf("#!/bin/sh\ncat %s/id\n", key));
		r->script = NULL;
		return;
	}
	if (mkdir(r->one, 0700) < 0 || symlink(key, r->two) < 0)
		die(ERR_TOOL, "cannot make '%s': %m", r->one);
	if (snprintf(file, sizeof(file), "%s/id", r->one) >= WORLD_PATH)
		die(ERR_TOOL, "'%s' is too long", r->one);
	world_write(w, file, "harmless\n");
	r->script = is_project ? "cat id \"$1/id\"" : "cat \"$1/id\"";
}

/* The key by itself on a line: messages may name what was planted elsewhere. */
static int
has_key(const char *said)
{
	static const char key[] = "PLANTED\n";

	for (const char *s = said; (s = strstr(s, key)); s++)
		if (s == said || s[-1] == '\n')
			return 1;
	return 0;
}

static void
run_race(const struct launcher *launcher, struct world *w, size_t i,
	 int results[WORLD_ATTACKS])
{
	struct race r;
	char *by_sh[] = {(char *)"/bin/sh", (char *)"-c", NULL,
			 (char *)"sh",	    NULL,	  NULL};
	char *itself[] = {r.one, NULL};
	struct launch l = {
	    .launcher = launcher, .world = w, .run = RUN_RACE, .terminal = -1};
	int turns = launcher ? RACES_INSIDE : RACES_OUTSIDE, found = 0,
	    late = 0, real;
	pid_t other;

	make_race(w, attacks[i].arg, &r);
	by_sh[2] = (char *)r.script;
	by_sh[4] = r.one;
	l.argv = r.script ? by_sh : itself;
	l.project = r.project;
	/* in the true directory, whatever its name leads to meanwhile */
	real = open(r.project, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (real < 0 || fchdir(real) < 0)
		die(ERR_TOOL, "cannot open '%s': %m", r.project);
	other = exchange(r.one, r.two);
	for (int t = 0; t < turns && !found; t++) {
		char *said;

		late |= launch_wait(launch_start(&l), ALONE_SECONDS) < 0;
		said = launch_said(w);
		found = has_key(said);
		free(said);
	}
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	if (chdir("/") < 0)
		die(ERR_TOOL, "cannot change to '/': %m");
	close(real);
	results[i] = found ? 0 : late ? ATTACK_NOT_MADE : ENOENT;
}

void
alone_run(const struct launcher *launcher, struct world *w, size_t i,
	  int results[WORLD_ATTACKS])
{
	switch (attacks[i].run) {
	case RUN_STDIO:
		run_standard(launcher, w, i, results);
		break;
	case RUN_KILLED:
		run_killed(launcher, w, i, results);
		break;
	case RUN_EVERYBODY:
		run_everybody(launcher, w, i, results);
		break;
	case RUN_RACE:
		run_race(launcher, w, i, results);
		break;
	case RUN_HANDOVER:
		results[i] = handover_run(launcher, w, &attacks[i]);
		break;
	default:
		break;
	}
}
