/* pen-log: what the sessions allowed and refused. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/opt.h"
#include "lib/similar.h"
#include "pen-log/files.h"
#include "pen-log/show.h"
#include "pen-log/since.h"
#include "pen-log/summary.h"

struct view {
	int denied, audited, follow, json, list;
	char since[SINCE_TEXT]; /* "" is from the beginning */
	struct summary summary;
	unsigned long broken; /* lines that are no JSON */
	unsigned long long missing, missing_refused; /* counted only */
};

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static void
take_denied(void *cfg, char **args)
{
	(void)args;
	((struct view *)cfg)->denied = 1;
}

static void
take_audited(void *cfg, char **args)
{
	(void)args;
	((struct view *)cfg)->audited = 1;
}

static void
take_follow(void *cfg, char **args)
{
	(void)args;
	((struct view *)cfg)->follow = 1;
}

static void
take_json(void *cfg, char **args)
{
	(void)args;
	((struct view *)cfg)->json = 1;
}

static void
take_list(void *cfg, char **args)
{
	(void)args;
	((struct view *)cfg)->list = 1;
}

static void
take_since(void *cfg, char **args)
{
	if (since_parse(args[0], time(NULL), ((struct view *)cfg)->since) < 0)
		die(ERR_TOOL,
		    "--since: '%s' is neither as 10m, 2h or 3d nor a date",
		    args[0]);
}

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "[options] [session | file]...",
    .purpose = "Shows what the sessions allowed and refused.",
    .opts = options,
    .similar = similar_option,
};

static int
is_refused(const json_t *event)
{
	const char *verdict =
	    json_string_value(json_object_get(event, "verdict"));

	return verdict && strcmp(verdict, "refused") == 0;
}

/* Whether the event is of the time that is asked for. */
static int
is_recent(const struct view *v, const json_t *event)
{
	const char *t = json_string_value(json_object_get(event, "time"));

	return !*v->since || (t && strcmp(t, v->since) >= 0);
}

/* Events that pen-sni could only count have their number in one of these. */
static void
count_missing(struct view *v, const json_t *event)
{
	const char *kind = json_string_value(json_object_get(event, "kind"));

	if (!kind || (strcmp(kind, "flood") != 0 && strcmp(kind, "gap") != 0))
		return;
	v->missing += (unsigned long long)json_integer_value(
	    json_object_get(event, "count"));
	v->missing_refused += (unsigned long long)json_integer_value(
	    json_object_get(event, "refused"));
}

static void
take_line(void *arg, const char *line, size_t n)
{
	struct view *v = arg;
	json_t *event = json_loadb(line, n, 0, NULL);

	if (is_recent(v, event))
		count_missing(v, event);
	if (!json_is_object(event)) {
		v->broken++;
	} else if (!is_recent(v, event)) {
		/* before */
	} else if (v->audited) {
		summary_add_audited(&v->summary, event);
	} else if (v->denied && !v->json && !v->follow) {
		summary_add(&v->summary, event);
	} else if (v->denied && !is_refused(event)) {
		/* not asked for */
	} else if (v->json) {
		json_dumpf(event, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
		putchar('\n');
	} else {
		show_event(event);
	}
	json_decref(event);
}

/* Whether a session's name is what was typed: all of it, or the pid. */
static int
is_named(const char *session, const char *typed)
{
	const char *dash = strrchr(session, '-');

	return strcmp(session, typed) == 0 ||
	       (dash && strcmp(dash + 1, typed) == 0);
}

/* Whether names has the session; no names are all. */
static int
is_wanted(const char *session, char *const *names)
{
	if (!*names)
		return 1;
	for (; *names; names++)
		if (is_named(session, *names))
			return 1;
	return 0;
}

/* Looks for logs; what was not asked for is passed over. */
static void
find_logs(struct files *f, char *const *names)
{
	size_t had = f->n;

	files_scan(f);
	for (; had < f->n; had++)
		f->v[had].skip = !is_wanted(f->v[had].session, names);
}

/* What is named; or all since a time; or the last session. */
static void
choose_files(struct files *f, const struct view *v, char *const *names)
{
	const char *last;

	f->dir = files_directory();
	find_logs(f, names);
	last = f->n > 0 ? f->v[f->n - 1].session : "";
	for (size_t i = 0; !*names && !*v->since && !v->list && i < f->n; i++)
		f->v[i].skip = strcmp(f->v[i].session, last) != 0;
	for (; *names; names++) {
		int found = 0;

		if (strchr(*names, '/')) {
			files_add(f, *names);
			continue;
		}
		for (size_t i = 0; i < f->n; i++)
			found |= is_named(f->v[i].session, *names);
		if (!found)
			die(ERR_TOOL, "no session '%s' has a log in '%s'",
			    *names, f->dir);
	}
}

static void
flush(void)
{
	if (fflush(stdout) != 0)
		die(ERR_TOOL, "cannot write: %m");
}

static void
read_all(struct files *f, struct view *v)
{
	for (size_t i = 0; i < f->n; i++)
		files_read(&f->v[i], take_line, v);
}

/*
 * Waits for what is written: in the directory of all, so that a session that
 * begins later and a log's second file are seen, and in files from elsewhere.
 */
_Noreturn static void
follow(struct files *f, struct view *v, char *const *names)
{
	int fd = inotify_init1(IN_CLOEXEC), watches = 0;
	char events[4096];

	if (fd < 0)
		die(ERR_TOOL, "cannot watch the log: %m");
	if (inotify_add_watch(fd, f->dir, IN_CREATE | IN_MODIFY) >= 0)
		watches++;
	for (size_t i = 0; i < f->n; i++)
		if (!f->v[i].skip &&
		    inotify_add_watch(fd, f->v[i].path, IN_MODIFY) >= 0)
			watches++;
	if (watches == 0)
		die(ERR_TOOL, "cannot watch '%s': %m", f->dir);
	for (;;) {
		read_all(f, v);
		flush();
		if (read(fd, events, sizeof(events)) < 0 && errno != EINTR)
			die(ERR_TOOL, "cannot watch the log: %m");
		find_logs(f, names);
	}
}

/* What a session's line says of it. */
struct listed {
	unsigned long long events, refused;
	json_t *first, *last; /* events; the last that was refused */
};

static void
count_line(void *arg, const char *line, size_t n)
{
	struct listed *l = arg;
	json_t *event = json_loadb(line, n, 0, NULL);

	if (!json_is_object(event))
		return;
	l->events++;
	if (!l->first)
		l->first = json_incref(event);
	if (is_refused(event)) {
		l->refused++;
		json_decref(l->last);
		l->last = json_incref(event);
	}
	json_decref(event);
}

/* A session can have several files, which are next to each other. */
static void
list(struct files *f)
{
	if (f->n > 0)
		printf("%-23s %-19s %7s %7s  %s\n", "SESSION", "SINCE",
		       "EVENTS", "REFUSED", "THE LAST OF THEM");
	for (size_t i = 0; i < f->n;) {
		const char *session = f->v[i].session;
		struct listed l = {0};
		char *since, *name;

		for (; i < f->n && strcmp(f->v[i].session, session) == 0; i++)
			files_read(&f->v[i], count_line, &l);
		since = show_time(l.first);
		name = show_text(l.last, "name");
		printf("%-23s %-19s %7llu %7llu  %s\n", session, since,
		       l.events, l.refused, *name ? name : "-");
		json_decref(l.first);
		json_decref(l.last);
		free(since);
		free(name);
	}
}

/* -f is what everybody types. */
static void
long_options(char **argv)
{
	static char name[] = "--follow";

	for (char **a = argv + 1; *a && strcmp(*a, "--") != 0; a++)
		if (strcmp(*a, "-f") == 0)
			*a = name;
}

int
main(int argc, char **argv)
{
	struct view v = {0};
	struct files f = {0};
	int i;

	err_prog = "pen-log";
	long_options(argv);
	i = opt_parse(&tool, &v, argc, argv);
	choose_files(&f, &v, argv + i);
	if (v.list) {
		list(&f);
		flush();
		return 0;
	}
	if (v.audited && (v.follow || v.json || v.denied))
		die(ERR_TOOL, "--audited goes with no other view");
	if (v.follow)
		follow(&f, &v, argv + i);
	read_all(&f, &v);
	if (v.audited)
		summary_print_audited(&v.summary);
	else if (v.denied && !v.json)
		summary_print(&v.summary, v.missing_refused);
	flush();
	if (v.missing)
		err_warn(
		    "the log is not whole: %llu events are not in it, %llu "
		    "of them refusals",
		    v.missing, v.missing_refused);
	if (v.broken)
		err_warn("%lu lines of the log are no JSON", v.broken);
	return 0;
}
