#include "pen-sni/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-sni/line.h"

/*
 * The program inside decides how many events there are.  The file is bounded,
 * and so is the rate, or a loop over refused names would push what went before
 * out of the reader's sight.
 */
#define LOG_MAX (4LL << 20)
#define LOG_BURST 1000
#define LOG_EVERY_MS 50

static void
add_event(struct line *l, const struct event *e)
{
	struct timespec now;
	const struct {
		const char *key, *text;
		size_t n;
	} texts[] = {
		{"kind", e->kind, 0},	     {"verdict", e->verdict, 0},
		{"name", e->name, e->name_len}, {"address", e->address, 0},
		{"rule", e->rule, 0},	     {"why", e->why, 0},
		{"allow", e->allow, 0},
	};

	clock_gettime(CLOCK_REALTIME, &now);
	line_time(l, "time", &now);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		line_text(l, texts[i].key, texts[i].text, texts[i].n);
	if (e->port)
		line_number(l, "port", e->port);
	if (e->id)
		line_number(l, "connection", e->id);
	if (e->traffic) {
		line_number(l, "up", e->up);
		line_number(l, "down", e->down);
	}
	if (e->count) {
		line_number(l, "count", e->count);
		line_number(l, "refused", e->refused);
	}
	line_end(l);
}

void
log_init(struct log *l, const char *path)
{
	const char *slash;
	char *dir;

	*l = (struct log){.dir = -1, .fd = -1};
	rate_init(&l->rate, LOG_BURST, LOG_EVERY_MS);
	if (!path)
		return;
	if (strcmp(path, "-") == 0) {
		l->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		if (l->fd < 0)
			die(ERR_TOOL, "cannot use standard output: %m");
		return;
	}
	slash = strrchr(path, '/');
	l->file = slash ? slash + 1 : path;
	dir = !slash	      ? mem_copy(".")
	      : slash == path ? mem_copy("/")
			      : mem_printf("%.*s", (int)(slash - path), path);
	if (!*l->file)
		die(ERR_TOOL, "--log: '%s' is a directory", path);
	l->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->dir < 0)
		die(ERR_TOOL, "cannot open the log's directory '%s': %m", dir);
}

/*
 * Opens the file whose turn it is.  O_NONBLOCK: a FIFO in its place is an
 * error, not a wait.
 */
static int
open_file(struct log *l, int anew)
{
	char *name = mem_printf("%s%s", l->file, l->turn ? ".1" : "");
	struct stat st;

	l->fd = openat(l->dir, name,
		       O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
			       O_NONBLOCK | O_NOCTTY,
		       0600);
	if (l->fd >= 0 && fstat(l->fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (!anew || ftruncate(l->fd, 0) == 0)) {
		l->size = anew ? 0 : st.st_size;
		free(name);
		return 0;
	}
	err_warn("cannot write the log '%s': %s", name,
		 l->fd < 0 || S_ISREG(st.st_mode) ? strerror(errno)
						  : "it is not a regular file");
	free(name);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->dir = -1;
	return -1;
}

/*
 * Whether there is a file to write to.  Two take turns: renaming would need the
 * right to remove files from the directory, and the logs of others are there.
 * What an earlier run left in the second one is not thrown away at once.
 */
static int
writable(struct log *l)
{
	int first = l->fd < 0;

	if (l->dir < 0)
		return l->fd >= 0;
	if (first && open_file(l, 0) < 0)
		return 0;
	if (l->size <= LOG_MAX)
		return 1;
	close(l->fd);
	l->turn = !l->turn;
	return open_file(l, !first) == 0 && writable(l);
}

static void
put(struct log *l, const struct event *e)
{
	struct line line = {.n = 0};

	add_event(&line, e);
	if (l->tap)
		l->tap(l->tap_arg, line.buf, line.n);
	if (writable(l) && fd_write_all(l->fd, line.buf, line.n) == 0)
		l->size += (long long)line.n;
}

void
log_event(struct log *l, int64_t now, const struct event *e)
{
	if (!l->tap && l->fd < 0 && l->dir < 0)
		return;
	if (e->always || rate_take(&l->rate, now) == 0) {
		put(l, e);
		return;
	}
	l->dropped++;
	if (e->verdict && strcmp(e->verdict, "refused") == 0)
		l->dropped_refused++;
}

void
log_flood(struct log *l)
{
	if (l->dropped)
		put(l, &(struct event){.kind = "flood",
				       .why = "events came too fast",
				       .count = l->dropped,
				       .refused = l->dropped_refused});
	l->dropped = l->dropped_refused = 0;
}
