#include "pen-sni/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
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
#define LOG_MAX (8LL << 20)
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

/* O_NONBLOCK: a FIFO in its place is an error, not a wait. */
static int
open_file(struct log *l)
{
	struct stat st;

	l->fd = openat(l->dir, l->file,
		       O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
			       O_NONBLOCK | O_NOCTTY,
		       0600);
	if (l->fd >= 0 && fstat(l->fd, &st) == 0 && S_ISREG(st.st_mode)) {
		l->size = st.st_size;
		return 0;
	}
	err_warn("cannot write the log '%s': %s", l->file,
		 l->fd < 0 ? strerror(errno) : "it is not a regular file");
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->dir = -1;
	return -1;
}

/* Whether there is a file, and it takes more. */
static int
writable(struct log *l)
{
	return !l->full && (l->fd >= 0 || (l->dir >= 0 && open_file(l) == 0));
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
	struct event note = {.kind = "log"};
	char text[64];

	if (!l->tap && !writable(l))
		return;
	if (rate_take(&l->rate, now) < 0) {
		l->dropped++;
		return;
	}
	if (l->dropped) {
		snprintf(text, sizeof(text), "%lu events came too fast",
			 l->dropped);
		note.why = text;
		l->dropped = 0;
		put(l, &note);
	}
	if (l->dir >= 0 && l->size > LOG_MAX && !l->full) {
		note.why = "the log is full: nothing follows";
		put(l, &note);
		l->full = 1;
	}
	put(l, e);
}
