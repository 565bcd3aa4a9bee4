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
#include "lib/mem.h"
#include "lib/rule.h"
#include "pen-sni/line.h"

/*
 * The program inside decides how many events there are, and can fill the file
 * system that they are written to.  So
 *
 * - the rate is bounded, and what comes faster is counted;
 * - the first file keeps the beginning of the session, whatever comes later.
 *   Two others take turns with the rest; what is lost when one of them is begun
 *   anew is counted in its first line;
 * - room for a file is reserved when it is begun;
 * - an event that cannot be written is cut off whole, counted, and tried again.
 */
#define LOG_PART (2LL << 20)
#define LOG_RESERVE_MIN (64LL << 10)
#define LOG_BURST 1000
#define LOG_EVERY_MS 50

/* What is shown of a name that is none: it may have any bytes, and each takes
 * five when it is odd. */
#define ODD_NAME_MAX 48

static int
is_odd_name(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("-._", name[i]) &&
		    (name[i] < '0' || name[i] > '9') &&
		    ((name[i] | 32) < 'a' || (name[i] | 32) > 'z'))
			return 1;
	return n > RULE_NAME_MAX;
}

/* A host name, or the beginning of what was sent as one, and its length. */
static void
add_name(struct line *l, const struct event *e)
{
	size_t n = !e->name ? 0 : e->name_len ? e->name_len : strlen(e->name);
	int cut = n > ODD_NAME_MAX && is_odd_name(e->name, n);

	line_text(l, "name", e->name, cut ? ODD_NAME_MAX : n);
	if (cut)
		line_number(l, "length", n);
}

static void
add_event(struct line *l, const struct event *e)
{
	struct timespec now;
	const struct {
		const char *key, *text;
	} texts[] = {
	    {"method", e->method}, {"path", e->path}, {"address", e->address},
	    {"rule", e->rule},	   {"why", e->why},   {"allow", e->allow},
	};

	clock_gettime(CLOCK_REALTIME, &now);
	line_time(l, "time", &now);
	line_text(l, "kind", e->kind, 0);
	line_text(l, "verdict", e->verdict, 0);
	add_name(l, e);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		line_text(l, texts[i].key, texts[i].text, 0);
	if (e->status)
		line_number(l, "status", e->status);
	if (e->port)
		line_number(l, "port", e->port);
	if (e->id)
		line_number(l, "connection", e->id);
	if (e->traffic) {
		line_number(l, "up", e->up);
		line_number(l, "down", e->down);
	}
	if (e->tokens)
		line_number(l, "tokens", e->tokens);
	if (e->count) {
		line_number(l, "count", e->count);
		line_number(l, "refused", e->refused);
	}
	line_end(l);
}

static char *
file_name(const struct log *l, unsigned i)
{
	return i ? mem_printf("%s.%u", l->file, i) : mem_copy(l->file);
}

/*
 * A first file that an earlier session has filled makes room for this one's
 * beginning.  It is only here that the directory's files may be renamed.
 */
static void
set_aside(const struct log *l)
{
	char *old = file_name(l, 1);
	struct stat st;

	if (fstatat(l->dir, l->file, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && st.st_size > LOG_PART &&
	    renameat(l->dir, l->file, l->dir, old) < 0)
		die(ERR_TOOL, "cannot rename the log '%s': %m", l->file);
	free(old);
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
		l->file = "standard output";
		l->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
		if (l->fd < 0)
			die(ERR_TOOL, "cannot use standard output: %m");
		return;
	}
	slash = strrchr(path, '/');
	l->file = slash ? slash + 1 : path;
	dir = !slash	      ? mem_copy(".")
	      : slash == path ? mem_copy("/")
			      : mem_part(path, (size_t)(slash - path));
	if (!*l->file)
		die(ERR_TOOL, "--log: '%s' is a directory", path);
	l->dir = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->dir < 0)
		die(ERR_TOOL, "cannot open the log's directory '%s': %m", dir);
	set_aside(l);
}

/*
 * Makes sure of the room for this file's part of the log, or of what there is
 * of it.  Where the file system cannot, writing will say so when it fails.
 */
static void
reserve_room(const struct log *l)
{
	long long n = l->limit - l->size;

	while (n >= LOG_RESERVE_MIN &&
	       fallocate(l->fd, FALLOC_FL_KEEP_SIZE, l->size, n) < 0 &&
	       (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
		n /= 2;
}

static void
close_file(struct log *l)
{
	struct stat st;

	if (l->fd < 0)
		return;
	/* to the size that it has: what is behind it is given back */
	if (fstat(l->fd, &st) == 0 && ftruncate(l->fd, st.st_size) < 0)
		err_warn("cannot give back the log's room: %m");
	close(l->fd);
	l->fd = -1;
}

/*
 * Opens the current file.  O_NONBLOCK: a FIFO in its place is an error, not a
 * wait.  0, or -1 with errno.
 */
static int
open_file(struct log *l, int anew)
{
	char *name = file_name(l, l->current);
	struct stat st;
	int error;

	l->fd = openat(l->dir, name,
		       O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC |
			   O_NONBLOCK | O_NOCTTY,
		       0600);
	free(name);
	if (l->fd >= 0 && fstat(l->fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (!anew || ftruncate(l->fd, 0) == 0)) {
		l->size = anew ? 0 : st.st_size;
		if (anew || !l->limit) /* a second try has the same end */
			l->limit = l->size + LOG_PART;
		if (!l->append_only)
			reserve_room(l);
		return 0;
	}
	error = l->fd < 0 || S_ISREG(st.st_mode) ? errno : EINVAL;
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	errno = error;
	return -1;
}

/*
 * Writes a whole line at the end of the file.  0, or -1 with errno, and then no
 * part of it is there: it would take the next one with it.
 */
static int
append_line(struct log *l, const char *text, size_t n)
{
	size_t done = 0;
	ssize_t r = 1;
	struct stat st;
	int error;

	if (l->torn && write(l->fd, "\n", 1) != 1)
		return -1;
	l->torn = 0;
	while (done < n && (r > 0 || errno == EINTR)) {
		r = write(l->fd, text + done, n - done);
		done += r > 0 ? (size_t)r : 0;
	}
	if (done == n) {
		l->size += (long long)n;
		return 0;
	}
	error = errno;
	if (done > 0) {
		off_t end = lseek(l->fd, 0, SEEK_CUR);

		/* unless somebody else has written behind it */
		l->torn = fstat(l->fd, &st) < 0 || st.st_size != end ||
			  ftruncate(l->fd, end - (off_t)done) < 0;
	}
	errno = error;
	return -1;
}

static void
count_event(struct tally *t, const struct event *e)
{
	t->events += e->count ? e->count : 1;
	t->refused += e->count
			  ? e->refused
			  : e->verdict && strcmp(e->verdict, "refused") == 0;
}

/* Writes the event, as line has it, to the file that is open. */
static int
write_line(struct log *l, const struct event *e, const struct line *line)
{
	if (append_line(l, line->buf, line->n) < 0)
		return -1;
	count_event(&l->in[l->current], e);
	return 0;
}

/* Goes on with the next file; its first line counts what it had. */
static int
begin_next_file(struct log *l)
{
	unsigned next = l->current == 1 ? 2 : 1, old = l->current;
	struct tally gone = l->in[next];
	struct event e = {.kind = "gap",
			  .why = "older events made room for newer ones",
			  .count = gone.events,
			  .refused = gone.refused};
	struct line line = {.n = 0};

	close_file(l);
	l->current = next;
	if (open_file(l, 1) < 0) {
		l->current = old;
		return -1;
	}
	l->in[next] = (struct tally){0};
	if (!gone.events)
		return 0;
	add_event(&line, &e);
	return write_line(l, &e, &line);
}

/* The same, to the file that it belongs into.  0, or -1 with errno. */
static int
write_event(struct log *l, const struct event *e, const struct line *line)
{
	if (l->dir >= 0 && l->fd < 0 && open_file(l, 0) < 0)
		return -1;
	if (l->dir >= 0 && l->size >= l->limit && !l->append_only &&
	    begin_next_file(l) < 0)
		return -1;
	return write_line(l, e, line);
}

static int
has_output(const struct log *l)
{
	return l->dir >= 0 || l->fd >= 0;
}

static void
note_failure(struct log *l, int64_t now)
{
	if (!l->failing_since)
		err_warn("cannot write the log '%s': %s", l->file,
			 errno == EINVAL ? "it is not a regular file"
					 : strerror(errno));
	if (!l->failing_since)
		l->failing_since = now ? now : 1;
}

int64_t
log_retry(struct log *l, int64_t now)
{
	struct event e = {.kind = "gap",
			  .why = "events could not be written to the log",
			  .count = l->unwritten.events,
			  .refused = l->unwritten.refused};

	struct line line;

	if (!l->failing_since)
		return 0;
	line.n = 0;
	add_event(&line, &e);
	if (write_event(l, &e, &line) < 0)
		return now > l->failing_since ? now - l->failing_since : 1;
	err_warn("the log can be written again: %lu events are not in it",
		 l->unwritten.events);
	l->failing_since = 0;
	l->unwritten = (struct tally){0};
	if (l->dir >= 0)
		reserve_room(l);
	return 0;
}

static void
put_event(struct log *l, int64_t now, const struct event *e)
{
	struct line line = {.n = 0};

	add_event(&line, e);
	if (l->tap)
		l->tap(l->tap_arg, line.buf, line.n);
	if (!has_output(l))
		return;
	if (log_retry(l, now) == 0 && write_event(l, e, &line) == 0)
		return;
	note_failure(l, now);
	count_event(&l->unwritten, e);
}

void
log_event(struct log *l, int64_t now, const struct event *e)
{
	if (!l->tap && !has_output(l))
		return;
	if (e->always || rate_take(&l->rate, now) == 0)
		put_event(l, now, e);
	else
		count_event(&l->dropped, e);
}

void
log_flood(struct log *l, int64_t now)
{
	if (l->dropped.events)
		put_event(l, now,
			  &(struct event){.kind = "flood",
					  .why = "events came too fast",
					  .count = l->dropped.events,
					  .refused = l->dropped.refused});
	l->dropped = (struct tally){0};
}

void
log_close(struct log *l, int64_t now)
{
	log_flood(l, now);
	if (log_retry(l, now) > 0)
		err_warn("%lu events could not be written to the log '%s'",
			 l->unwritten.events, l->file);
	if (l->dir >= 0)
		close_file(l);
}
