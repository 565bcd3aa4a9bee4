/*
 * pen-watch: looks after files that programs of the host would obey at once,
 * while a run goes on.  pen-monitor starts it, pen-ns waits for it before prog
 * begins; it ends when the jail's first process does.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/opt.h"
#include "lib/similar.h"
#include "pen-watch/watch.h"

#define ARGS_MAX (64UL << 20)

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "--jail FD --events FD [options]",
    .purpose = "Looks after files that the host would obey, while a run goes "
	       "on.",
    .opts = options,
    .similar = similar_option,
};

static int
take_fd(const char *name, const char *text)
{
	int fd = (int)opt_number(name, text, INT_MAX);

	if (fd_cloexec(fd, 1) < 0)
		die(ERR_TOOL, "--%s: descriptor %d is not open", name, fd);
	return fd;
}

static void
take_jail(void *cfg, char **args)
{
	((struct watch *)cfg)->jail = take_fd("jail", args[0]);
}

static void
take_events(void *cfg, char **args)
{
	((struct watch *)cfg)->events = take_fd("events", args[0]);
}

static void
take_args(void *cfg, char **args)
{
	int fd = take_fd("args", args[0]);
	struct strv words = {0};
	size_t n;
	char *text = fd_read_all(fd, ARGS_MAX, &n);

	if (!text)
		die(ERR_TOOL, "--args: cannot read descriptor %d: %m", fd);
	for (char *p = text; p < text + n; p += strlen(p) + 1)
		strv_push(&words, p);
	if (words.n > 0)
		opt_parse_list(&tool, cfg, (int)words.n, words.v);
}

static char *
take_path(const char *name, char *path)
{
	if (*path != '/')
		die(ERR_TOOL, "--%s: '%s' is not an absolute path", name, path);
	return path;
}

static void
take_draft_link(void *cfg, char **args)
{
	watch_add(cfg, WATCH_LINK, take_path("draft-link", args[1]),
		  take_path("draft-link", args[2]),
		  (unsigned)opt_number("draft-link", args[0], INT_MAX));
}

static void
take_draft(void *cfg, char **args)
{
	watch_add(cfg, WATCH_DRAFT, take_path("draft", args[0]), NULL, 0);
}

static void
take_forbid(void *cfg, char **args)
{
	watch_add_missing(cfg, WATCH_FORBIDDEN, take_path("forbid", args[0]));
}

static void
take_notice(void *cfg, char **args)
{
	watch_add_missing(cfg, WATCH_NOTICED, take_path("notice", args[0]));
}

static void
take_mirror(void *cfg, char **args)
{
	struct watch *w = cfg;

	w->mirror.run = open(args[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->mirror.run < 0)
		die(ERR_TOOL, "--mirror: cannot open '%s': %m", args[0]);
}

static void
take_room(void *cfg, char **args)
{
	struct room *r = &((struct watch *)cfg)->mirror.room;

	if (r->n == ROOM_MAX)
		die(ERR_TOOL, "--room: more than %d of them", ROOM_MAX);
	r->paths[r->n++] = take_path("room", args[0]);
}

static void
take_below(void *cfg, char **args)
{
	watch_add(cfg, WATCH_BELOW, mem_join(take_path("below", args[0]), "/"),
		  take_path("below", args[1]), 0);
}

static void
take_quota(void *cfg, char **args)
{
	struct watch *w = cfg;

	w->quota.most = opt_number("quota", args[0], ULONG_MAX);
	w->quota.dir = open(args[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (w->quota.dir < 0)
		die(ERR_TOOL, "--quota: cannot open '%s': %m", args[1]);
}

int
main(int argc, char **argv)
{
	struct watch w = {.jail = -1,
			  .events = -1,
			  .place.layer = -1,
			  .mirror.run = -1,
			  .quota.dir = -1};

	err_prog = "pen-watch";
	w.inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (w.inotify < 0)
		die_hint(errno == EMFILE ? "raise fs.inotify.max_user_instances"
					 : NULL,
			 "cannot watch the files that the host obeys: %m");
	if (opt_parse(&tool, &w, argc, argv) < argc)
		die(ERR_TOOL, "it takes no operands");
	if (w.jail < 0 || w.events < 0)
		die_hint("pen-ns --watch starts pen-watch",
			 "--jail or --events is missing");
	watch_run(&w);
	return 0;
}
