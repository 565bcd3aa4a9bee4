/* pen-report: the account of a run, made from outside when it is over. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/opt.h"
#include "lib/similar.h"
#include "lib/terminal.h"
#include "pen-report/account.h"
#include "pen-report/ask.h"
#include "pen-report/confine.h"
#include "pen-report/events.h"
#include "pen-report/forged.h"
#include "pen-report/forgotten.h"
#include "pen-report/hidden.h"
#include "pen-report/history.h"
#include "pen-report/limit.h"
#include "pen-report/manifest.h"
#include "pen-report/merge.h"
#include "pen-report/moved.h"
#include "pen-report/overlay.h"
#include "pen-report/refused.h"
#include "pen-report/repo.h"
#include "pen-report/say.h"
#include "pen-report/stale.h"
#include "pen-report/walk.h"

/* A manifest names each draft and branch. */
#define MANIFEST_MAX ((size_t)64 << 20)

/* What shells, env(1) and others end with where PATH has no such command. */
#define NOT_FOUND 127

/* What the process that makes the account ends with: there is a question. */
#define HOLDS 1

/* Of the next pen's drafts. */
#define REPOSITORIES_MAX 1024

#define FD_MAX 1048576

struct report {
	int manifest, layer, events; /* descriptors, or -1 */
	int state;		     /* the project's directory */
	int status;		     /* of the run */
	const char *killed;	     /* the same, for a run that was killed */
	struct manifest m;
};

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static int
take_fd(const char *name, const char *text)
{
	int fd = (int)opt_number(name, text, FD_MAX);

	if (fd_cloexec(fd, 1) < 0)
		die(ERR_TOOL, "--%s: descriptor %d is not open", name, fd);
	return fd;
}

static void
take_manifest(void *cfg, char **args)
{
	((struct report *)cfg)->manifest = take_fd("manifest", args[0]);
}

static void
take_layer(void *cfg, char **args)
{
	((struct report *)cfg)->layer = take_fd("layer", args[0]);
}

static void
take_events(void *cfg, char **args)
{
	((struct report *)cfg)->events = take_fd("events", args[0]);
}

static void
take_status(void *cfg, char **args)
{
	((struct report *)cfg)->status =
	    (int)opt_number("status", args[0], 255);
}

static void
take_killed(void *cfg, char **args)
{
	((struct report *)cfg)->killed = args[0];
}

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "--manifest FD [options] | --killed DIR",
    .purpose = "Accounts for what a run changed, from outside, when it is "
	       "over.",
    .opts = options,
    .similar = similar_option,
};

static void
read_manifest(struct report *r)
{
	const char *wrong;
	size_t n;
	char *text;

	if (r->manifest < 0)
		die_hint("pen starts pen-report at the end of a run",
			 "--manifest is missing");
	/* the writer's offset is at its end */
	lseek(r->manifest, 0, SEEK_SET);
	text = fd_read_all(r->manifest, MANIFEST_MAX, &n);
	if (!text)
		die(ERR_TOOL, "cannot read the manifest: %m");
	wrong = manifest_parse(&r->m, text, n);
	if (wrong)
		die(ERR_TOOL, "cannot use the manifest: %s", wrong);
	free(text);
}

/* Whoever changes the project's drafts has the lock; it ends with us. */
static void
lock_state(struct report *r, const char *dir)
{
	int fd;

	r->state = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->state < 0)
		die(ERR_TOOL, "cannot open '%s': %m", dir);
	beneath_scratch = r->state;
	fd = openat(r->state, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		die(ERR_TOOL, "cannot open '%s/lock': %m", dir);
	while (flock(fd, LOCK_EX | (r->killed ? LOCK_NB : 0)) < 0) {
		/* pen-review has it, which asks, or another account */
		if (errno == EWOULDBLOCK)
			err_exit(0);
		if (errno != EINTR)
			die(ERR_TOOL, "cannot lock '%s': %m", dir);
	}
}

/* What such a run noted, for all others are taken with it: 0, or -1: none. */
static int
find_killed(struct report *r)
{
	char *name, *path;

	lock_state(r, r->killed);
	name = stale_find(r->state);
	if (!name)
		return -1;
	path = mem_printf("runs/%s/manifest.json", name);
	r->manifest = beneath_open(r->state, path, O_RDONLY);
	r->layer = stale_layer(r->state, name);
	free(path);
	free(name);
	return 0;
}

static void
read_last(const struct report *r, struct walk *w)
{
	size_t n;
	char *text =
	    beneath_read(r->state, "last.list", 2 * LIST_MAX, &n, NULL);

	w->first = 1;
	if (!text) {
		if (errno != ENOENT)
			strv_push(&w->why,
				  mem_copy("the last run's list of files "
					   "cannot be read"));
		return;
	}
	w->first = 0;
	if (list_parse(&w->last, text, n) < 0)
		strv_push(&w->why, mem_copy("the last run's list of files is "
					    "damaged"));
}

/* It is as old as the beginning of the walk: stale.c counts on that. */
static void
write_last(const struct report *r, struct walk *w, const struct timespec *start)
{
	const struct timespec times[] = {*start, *start};

	if (w->list_lost)
		unlinkat(r->state, "last.list", 0);
	else if (beneath_write(r->state, "last.list", w->list.p, w->list.n,
			       0600) < 0)
		err_warn("cannot write '%s/last.list': %m", r->m.state_dir);
	else
		utimensat(r->state, "last.list", times, 0);
}

/* Repositories that the next pen makes drafts of: a work tree a line. */
static void
write_repositories(const struct report *r, const struct walk *w)
{
	const struct strv *lists[] = {&w->nested, &w->bare};
	struct bytes b = {0};
	size_t n = 0;

	list_add_bytes(&b, "", 0);
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < lists[k]->n; i++) {
			const char *path = lists[k]->v[i];
			size_t len = strlen(path);

			if (strchr(path, '\n') || strstr(path, "/.git/") ||
			    (len > 5 && strcmp(path + len - 5, "/.git") == 0) ||
			    n++ >= REPOSITORIES_MAX)
				continue;
			list_add_bytes(&b, path, len);
			list_add_bytes(&b, "\n", 1);
		}
	if (n == 0)
		unlinkat(r->state, "repositories", 0);
	else if (beneath_write(r->state, "repositories", b.p, b.n, 0600) < 0)
		err_warn("cannot write '%s/repositories': %m", r->m.state_dir);
	free(b.p);
}

/* What pen noted of the run, in case that it did not come to this. */
static void
remove_run(const struct report *r)
{
	int runs = beneath_open(r->state, "runs", O_RDONLY | O_DIRECTORY);

	if (runs >= 0) {
		beneath_remove(runs, r->m.run);
		close(runs);
	}
}

static void
write_account(const struct report *r, const struct account *a)
{
	size_t n;
	char *text = account_text(a, &n);

	if (beneath_write(r->state, "account.json", text, n, 0600) < 0)
		die_hint("free space there, or nothing that a run changes is "
			 "accounted for",
			 "cannot write '%s/account.json': %m", r->m.state_dir);
	free(text);
}

/* The drafts of the run, and of those that were killed. */
static void
merge_layers(struct report *r, struct account *a, const struct history *h,
	     const struct stale_runs *stale)
{
	for (size_t i = 0; i < stale->n; i++) {
		a->m = &stale->v[i].m;
		if (stale->v[i].layer >= 0)
			merge_layer(a, h, stale->v[i].layer, r->state);
	}
	a->m = &r->m;
	if (r->layer >= 0)
		merge_layer(a, h, r->layer, r->state);
}

/* Everything but to ask; whether there is something to be asked about. */
static int
run(struct report *r)
{
	struct history h;
	struct walk w = {.m = &r->m, .history = &h};
	struct account a = {.m = &r->m};
	struct stale_runs stale = {0};
	struct strv limits = {0};
	struct timespec start;

	if (r->killed)
		strv_push(&a.why, stale_why(r->m.run, &r->m, r->layer));
	else
		lock_state(r, r->m.state_dir);
	stale_take(&r->m, r->state, &a.why, &stale);
	limit_read(r->m.log, &limits);
	confine_self(&r->m, r->state, r->layer);
	history_open(&h, &r->m, r->state);
	clock_gettime(CLOCK_REALTIME_COARSE, &start);
	/* in an overlay the run changed nothing of the project, which lasts */
	if (!r->m.overlay)
		read_last(r, &w);
	walk_trees(&w);
	forged_mark(&w);
	hidden_mark(&w, &h);
	account_take_walk(&a, &w);
	if (r->m.overlay)
		overlay_account(&a, r->state);
	else
		repo_check(&a);
	/* behind the walk: what goes to the host now is not the run's doing */
	merge_layers(r, &a, &h, &stale);
	moved_check(&a, &h);
	history_close(&h);
	history_taint(&r->m, r->state);
	if (r->events >= 0)
		events_read(&a, r->events, &limits);
	refused_read(&a, r->m.log);
	account_finish(&a);
	if (!r->m.overlay) {
		write_last(r, &w, &start);
		write_repositories(r, &w);
	}
	write_account(r, &a);
	remove_run(r);
	stale_remove(r->state, &stale);
	err_prog = "pen"; /* which is what was typed */
	for (size_t i = 0; i < limits.n; i++)
		err_warn("%s", limits.v[i]);
	if (r->m.at_end != AT_END_NOTHING) {
		forgotten_say(&a);
		say_account(&a);
		if (r->status == NOT_FOUND)
			say_hidden_path(&r->m);
	}
	return account_holds(&a);
}

/* Another process makes the account: this one is to start pen-review. */
static int
run_and_ask(struct report *r)
{
	pid_t pid = fork();
	int status = -1;

	if (pid < 0)
		die(ERR_TOOL, "cannot start a process: %m");
	if (pid == 0)
		_exit(run(r) ? HOLDS : 0);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status))
		die(ERR_TOOL, "the account is not whole: it died of signal %d",
		    WTERMSIG(status));
	if (WEXITSTATUS(status) != HOLDS)
		return WEXITSTATUS(status);
	ask_user(r->m.root);
	return 0;
}

int
main(int argc, char **argv)
{
	struct report r = {.manifest = -1, .layer = -1, .events = -1};

	err_prog = "pen-report";
	if (opt_parse(&tool, &r, argc, argv) < argc)
		die(ERR_TOOL, "it takes no operands");
	terminal_take_messages();
	if (r.killed && find_killed(&r) < 0)
		return 0;
	read_manifest(&r);
	if (r.m.at_end == AT_END_ASK && !r.killed)
		return run_and_ask(&r);
	run(&r);
	return 0;
}
