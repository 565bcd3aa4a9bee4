#include "pen-watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/message.h"
#include "lib/receive.h"
#include "lib/resolve.h"

#define SEEN                                                                \
	(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR | \
	 IN_DONT_FOLLOW)

/* Also what git writes in place: FETCH_HEAD. */
#define WRITTEN (IN_CLOSE_WRITE | IN_MASK_ADD)

/* A lock that is held for longer is a stale one. */
#define FROZEN_MS 1000

/* In one go, by however many: what is stopped by others goes on at times. */
#define HELD_MS (10LL * FROZEN_MS)

/* An overlay is asked to forget names so often: git makes many. */
#define FORGET_MS 20

/* Until the run says that it is frozen; then it is done without. */
#define ANSWER_MS 200

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A file whose name may have any byte in it. */
static void
note_event(struct watch *w, const char *event, const char *path)
{
	char line[4096 * 6 + 64];
	size_t n = (size_t)snprintf(line, sizeof(line),
				    "{\"event\":\"%s\",\"path\":\"", event);

	if (w->full)
		return;
	for (; *path && n < sizeof(line) - 16; path++) {
		unsigned char c = (unsigned char)*path;

		if (c < ' ' || c == '"' || c == '\\' || c == 0x7f)
			n += (size_t)snprintf(line + n, 7, "\\u%04x", c);
		else
			line[n++] = *path;
	}
	memcpy(line + n, "\"}\n", 3);
	/* nobody reads before the end; without its line nothing is whole */
	w->full = fd_write_all(w->events, line, n + 3) < 0;
}

/* Looks at what happens to n's name in its directory.  -1 with errno. */
static int
look_at(struct watch *w, struct watch_name *n)
{
	char *dir = mem_part(n->path, (size_t)(n->name - n->path));

	n->wd = inotify_add_watch(
	    w->inotify, dir, SEEN | (n->kind == WATCH_BELOW ? WRITTEN : 0));
	free(dir);
	return n->wd;
}

static void
add_name(struct watch *w, struct watch_name n)
{
	/* a directory that is missing, or where the run makes nothing either */
	if (look_at(w, &n) < 0 &&
	    (n.kind <= WATCH_DRAFT ||
	     (errno != ENOENT && errno != ENOTDIR && errno != EACCES)))
		die_hint(errno == ENOSPC ? "raise fs.inotify.max_user_watches"
					 : NULL,
			 "cannot watch '%s': %m", n.path);
	w->names = mem_room(w->names, w->n, sizeof(*w->names));
	w->names[w->n++] = n;
}

void
watch_add(struct watch *w, enum watch_kind kind, const char *path,
	  const char *dest, unsigned link)
{
	add_name(w, (struct watch_name){kind, -1, path, strrchr(path, '/') + 1,
					dest, link});
}

/* A directory on the way that is made or moved may bring it, too. */
void
watch_add_missing(struct watch *w, enum watch_kind kind, const char *path)
{
	const char *slash = path;
	struct stat st;

	if (lstat(path, &st) < 0 && errno == ENOENT)
		for (; slash; slash = strchr(slash + 1, '/'))
			add_name(w, (struct watch_name){kind, -1, path,
							slash + 1, NULL, 0});
}

/* A clock that tells when somebody sets it: what a time says is void then. */
static int
watch_clock(void)
{
	struct itimerspec never = {.it_value.tv_sec = INT32_MAX};
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd >= 0 &&
	    timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
			    &never, NULL) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* One message of the jail's, a byte; 0 at its end, -1 where there is none. */
static int
hear_jail(struct watch *w)
{
	int fds[FD_MSG_MAX];
	size_t n = 0;
	char c;
	ssize_t got = receive_message(w->jail, &c, 1, fds, &n);

	if (got == 1 && c == FREEZE_LAYER && n == 3) {
		w->place = (struct again_place){fds[0], fds[1], fds[2]};
		mirror_start(&w->mirror, &w->place);
	}
	return got == 1 ? c : (int)got;
}

/*
 * Stops every process inside, and waits until they are: 0, or -1.  Its time
 * begins anew, so that a name of the run's takes none from a host's lock.
 */
static int
freeze(struct watch *w)
{
	struct pollfd fd = {.fd = w->jail, .events = POLLIN};
	long long now = now_ms();

	if (w->frozen) {
		w->until = now + FROZEN_MS;
		if (w->until > w->since + HELD_MS)
			w->until = w->since + HELD_MS;
		return 0;
	}
	if (message_send_word(w->jail, FREEZE_STOP) < 0)
		return -1;
	w->frozen = 1;
	w->since = now;
	w->until = now + FROZEN_MS;
	while (poll(&fd, 1, ANSWER_MS) > 0) {
		int c = hear_jail(w);

		if (c == FREEZE_DONE)
			return 0;
		if (c <= 0)
			break;
	}
	return -1;
}

static void
thaw(struct watch *w)
{
	if (w->frozen)
		message_send_word(w->jail, FREEZE_THAW);
	w->frozen = 0;
}

/*
 * The new file may be the run's as well, by a link to the host's lock or a
 * descriptor of it: the name gets a copy.
 */
static int
renew_file(const struct watch_name *n)
{
	char *above = mem_part(n->path, (size_t)(n->name - n->path));
	int dir = resolve_open(AT_FDCWD, above, O_RDONLY | O_DIRECTORY,
			       RESOLVE_NO_SYMLINKS);
	int result = dir < 0 ? -1 : again_copy(dir, n->name);

	if (dir >= 0)
		close(dir);
	free(above);
	return result;
}

/*
 * The host's file was replaced, and with it the mount is gone: by a program of
 * the host's, or by a watch, which was at this already.
 */
static void
restore_draft(struct watch *w, const struct watch_name *n, int by_watch)
{
	const char *event = n->kind == WATCH_LINK ? "mount-lost" : "mount-gone";
	struct stat st;
	int is_dir = lstat(n->path, &st) == 0 && S_ISDIR(st.st_mode);

	freeze(w);
	if (!by_watch)
		note_event(w, !is_dir && renew_file(n) < 0 ? "overflow" : event,
			   n->path);
	if (n->kind != WATCH_LINK ||
	    again_mount(&w->place, n->link, n->name, n->dest) < 0)
		note_event(w, "mount-gone", n->path);
	thaw(w);
}

/*
 * Nothing on the host obeys it any more, unless it is only noted; the event is
 * written first.
 */
static void
take_missing(struct watch *w, const struct watch_name *n)
{
	const char *name = strrchr(n->path, '/') + 1;
	char *dir = mem_part(n->path, (size_t)(name - n->path));
	int fd, locked = w->frozen;

	freeze(w);
	note_event(w, n->kind == WATCH_NOTICED ? "appeared" : "moved-away",
		   n->path);
	if (n->kind == WATCH_FORBIDDEN) {
		/* by no link of the run's to a file of the user's */
		fd = resolve_open(AT_FDCWD, dir, O_PATH | O_DIRECTORY,
				  RESOLVE_NO_SYMLINKS);
		if (fd < 0 || (unlinkat(fd, name, 0) < 0 && errno != ENOENT))
			note_event(w, "overflow", n->path);
		if (fd >= 0)
			close(fd);
	}
	free(dir);
	if (!locked)
		thaw(w);
}

/* Something is new on the way: what is watched may be somewhere else now. */
static void
follow_way(struct watch *w, const struct watch_name *n)
{
	struct stat st;
	int locked = w->frozen;

	freeze(w);
	for (size_t i = 0; i < w->n; i++)
		if (w->names[i].path == n->path)
			look_at(w, &w->names[i]);
	if (lstat(n->path, &st) == 0)
		take_missing(w, n);
	if (!locked)
		thaw(w);
}

/* Whether event is about n's part of its path. */
static int
is_named(const struct watch_name *n, const char *event)
{
	size_t len = strcspn(n->name, "/");

	return strncmp(event, n->name, len) == 0 && event[len] == '\0';
}

static int
is_lock(const char *event, const char *name)
{
	size_t n = strlen(name);

	return strncmp(event, name, n) == 0 &&
	       (strcmp(event + n, ".lock") == 0 ||
		strncmp(event + n, ".tmp", 4) == 0);
}

static void
take_event(struct watch *w, const struct inotify_event *e)
{
	int comes = (e->mask & (IN_CREATE | IN_MOVED_TO)) != 0;

	if (e->mask & IN_MOVED_FROM && e->len > 0 &&
	    strncmp(e->name, AGAIN_COPY, strlen(AGAIN_COPY)) == 0)
		w->copied = e->cookie;
	for (size_t i = 0; i < w->n && e->len > 0; i++) {
		const struct watch_name *n = &w->names[i];

		if (n->wd != e->wd)
			continue;
		if (n->kind == WATCH_BELOW) {
			w->names[i].link = 1;
			continue;
		}
		if (n->kind >= WATCH_FORBIDDEN && comes &&
		    is_named(n, e->name)) {
			if (strchr(n->name, '/'))
				follow_way(w, n);
			else
				take_missing(w, n);
		}
		if (n->kind >= WATCH_FORBIDDEN)
			continue;
		/* one that is deleted may be the run's, beside a host's */
		if (comes && n->kind == WATCH_LINK && is_lock(e->name, n->name))
			freeze(w);
		if (strcmp(e->name, n->name) != 0)
			continue;
		if (comes)
			restore_draft(w, n,
				      e->cookie && e->cookie == w->copied);
		else
			note_event(w,
				   n->kind == WATCH_LINK ? "mount-lost"
							 : "mount-gone",
				   n->path);
	}
}

/* More happened than was noted: everything is looked at. */
static void
look_at_all(struct watch *w)
{
	struct stat st;

	note_event(w, "overflow", "");
	for (size_t i = 0; i < w->n; i++) {
		struct watch_name *n = &w->names[i];

		n->link |= n->kind == WATCH_BELOW;
		if (n->kind >= WATCH_FORBIDDEN && lstat(n->path, &st) == 0)
			take_missing(w, n);
		else if (n->kind == WATCH_LINK)
			restore_draft(w, n, 0);
	}
}

/* As much as there is now: somebody may go on faster than it is read. */
static void
read_events(struct watch *w)
{
	_Alignas(struct inotify_event) char buf[16384];
	ssize_t n;
	int left;

	if (ioctl(w->inotify, FIONREAD, &left) < 0)
		left = INT_MAX;
	for (; left > 0 && (n = read(w->inotify, buf, sizeof(buf))) > 0;
	     left -= (int)n)
		for (char *p = buf; p < buf + n;) {
			const struct inotify_event *e = (void *)p;

			if (e->mask & IN_Q_OVERFLOW)
				look_at_all(w);
			else
				take_event(w, e);
			p += sizeof(*e) + e->len;
		}
}

/* Whether an overlay is to forget. */
static int
has_stale(const struct watch *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->names[i].kind == WATCH_BELOW && w->names[i].link)
			return 1;
	return 0;
}

/* What was seen below the overlays is to be seen inside, too. */
static void
forget_names(struct watch *w)
{
	const char *done = "";

	if (now_ms() < w->forgot + FORGET_MS)
		return;
	for (size_t i = 0; i < w->n; i++) {
		struct watch_name *n = &w->names[i];

		if (n->kind != WATCH_BELOW || !n->link)
			continue;
		if (strcmp(n->dest, done) != 0)
			again_forget(&w->place, n->dest);
		done = n->dest;
		n->link = 0;
		w->forgot = now_ms();
	}
}

/* How long poll(2) may wait: ms, or -1. */
static int
time_left(const struct watch *w)
{
	long long until = w->frozen ? w->until : LLONG_MAX, left;

	if (has_stale(w) && w->forgot + FORGET_MS < until)
		until = w->forgot + FORGET_MS;
	if (until == LLONG_MAX)
		return -1;
	left = until - now_ms();
	return left > 0 ? (int)left : 0;
}

/* The run is ended, and its end says why: also when nobody measures any more.
 */
static void
end_run(struct watch *w)
{
	char c = 0;

	if (read(w->quota.told, &c, 1) < 0)
		c = 0;
	note_event(w,
		   c == QUOTA_DISK	? "disk-full"
		   : c == QUOTA_OVERLAY ? "overlay-full"
					: "unmeasured",
		   "");
	message_send_word(w->jail, FREEZE_KILL);
	close(w->quota.told);
	w->quota.told = -1;
}

static void
take_events(struct watch *w)
{
	uint64_t times;

	if (w->clock >= 0 && read(w->clock, &times, sizeof(times)) < 0 &&
	    errno == ECANCELED)
		note_event(w, "clock-set", "");
	read_events(w);
	forget_names(w);
	if (w->frozen && now_ms() >= w->until)
		thaw(w);
}

static void
note_full(struct watch *w, unsigned full)
{
	for (int i = 0; i < w->mirror.room.n; i++)
		if (full & 1U << i)
			note_event(w, "full", w->mirror.room.paths[i]);
}

void
watch_run(struct watch *w)
{
	struct pollfd fds[] = {{.fd = w->inotify, .events = POLLIN},
			       {.fd = watch_clock(), .events = POLLIN},
			       {.fd = w->jail, .events = POLLIN},
			       {.fd = -1, .events = POLLIN}};

	w->clock = fds[1].fd;
	quota_start(&w->quota);
	/* freeze() takes what poll(2) has announced before; a pipe is full */
	if (fcntl(w->jail, F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(w->events, F_SETFL, O_WRONLY | O_NONBLOCK) < 0)
		die(ERR_TOOL, "cannot listen to the run: %m");
	if (message_send_word(w->jail, FREEZE_GO) < 0)
		return;
	for (;;) {
		fds[3].fd = w->quota.told;
		if (poll(fds, 4, time_left(w)) < 0 && errno != EINTR)
			die(ERR_TOOL, "cannot wait for the run: %m");
		if (w->quota.told >= 0 && fds[3].revents)
			end_run(w);
		take_events(w);
		if (fds[2].revents && hear_jail(w) == 0)
			break;
	}
	take_events(w);
	note_full(w, mirror_end(&w->mirror));
	note_event(w, "end", "");
	quota_end(&w->quota);
	close(w->events); /* pen-report waits for this */
	/*
	 * Closing the instance waits for a grace period of the kernel, some 16
	 * ms, unless its watches went a tick or two before: pen-report works
	 * meanwhile.
	 */
	for (size_t i = 0; i < w->n; i++)
		inotify_rm_watch(w->inotify, w->names[i].wd);
	nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}
