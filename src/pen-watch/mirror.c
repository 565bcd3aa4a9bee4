#include "pen-watch/mirror.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/confine.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/upper.h"

/*
 * By the clock, for overlayfs writes to its upper directory without an event of
 * inotify's (FMODE_NONOTIFY).  A copy that takes long makes the next one wait.
 */
#define EVERY_MS 1000
#define PATIENCE 20

/* What changed so lately may change again and look the same: a few ticks. */
#define LATELY_MS 50

/* As pen-report takes them. */
#define DEPTH_MAX 64
#define FILE_MAX (64ULL << 20)

struct pass {
	/* what the layer can have: files have holes, and several names */
	unsigned long long room;
	struct timespec now;
	int quick; /* somebody waits */
};

static long long
in_ms(const struct timespec *t)
{
	return (long long)t->tv_sec * 1000 + t->tv_nsec / 1000000;
}

/* What of the layer is a run's own making: draft.c of pen-ns has the names. */
static int
is_copied(const char *name, int depth)
{
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       !(depth == DEPTH_MAX && strcmp(name, "marks") == 0) &&
	       !(depth == DEPTH_MAX - 1 && strcmp(name, "work") == 0);
}

/* A copy has the time of the last change, or none if it may not be the last. */
static int
is_copy(const struct stat *to, const struct stat *from)
{
	return S_ISREG(to->st_mode) && to->st_size == from->st_size &&
	       to->st_mtim.tv_sec == from->st_ctim.tv_sec &&
	       to->st_mtim.tv_nsec == from->st_ctim.tv_nsec;
}

static void
copy_file(struct pass *p, int from, int to, const char *name,
	  const struct stat *st)
{
	struct timespec times[2] = {st->st_ctim, st->st_ctim};
	size_t size = (size_t)st->st_size, n;
	struct stat have;
	char *text;
	int fd;

	if (size > p->room || size > FILE_MAX) {
		beneath_remove(to, name);
		return;
	}
	p->room -= size;
	if (fstatat(to, name, &have, AT_SYMLINK_NOFOLLOW) == 0 &&
	    is_copy(&have, st))
		return;
	text = beneath_read(from, name, size, &n, NULL);
	if (!text)
		return;
	if (in_ms(&p->now) - in_ms(&st->st_ctim) < LATELY_MS)
		times[0] = times[1] = (struct timespec){0};
	if (beneath_write(to, name, text, n, st->st_mode & 0777) == 0) {
		utimensat(to, name, times, AT_SYMLINK_NOFOLLOW);
		fd = p->quick ? -1 : beneath_open(to, name, O_RDONLY);
		if (fd >= 0) {
			fsync(fd); /* the power may fail */
			close(fd);
		}
	}
	free(text);
}

static void
copy_link(int from, int to, const char *name)
{
	char *is = beneath_readlink(from, name);
	char *have = beneath_readlink(to, name);

	/* one that cannot be copied is missing after the run was killed */
	if (is && !(have && strcmp(is, have) == 0) &&
	    beneath_remove(to, name) == 0 && symlinkat(is, to, name) < 0)
		errno = 0;
	free(is);
	free(have);
}

/* That the lower file was removed. */
static void
copy_whiteout(int to, const char *name)
{
	struct stat st;

	if (fstatat(to, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    upper_is_whiteout(to, name, &st))
		return;
	if (beneath_remove(to, name) == 0)
		mknodat(to, name, S_IFCHR, makedev(0, 0));
}

static void copy_entries(struct pass *p, int from, int to, int depth);

static void
copy_directory(struct pass *p, int from, int to, const char *name, int depth)
{
	int in = beneath_open(from, name, O_RDONLY | O_DIRECTORY), out;
	struct stat st;

	if (in < 0)
		return;
	if (fstatat(to, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISDIR(st.st_mode))
		beneath_remove(to, name);
	out = beneath_make(to, name, 0700);
	if (out >= 0 && upper_is_opaque(from, name))
		fsetxattr(out, "user.overlay.opaque", "y", 1, 0);
	if (out >= 0 && depth > 0)
		copy_entries(p, in, out, depth - 1);
	if (out >= 0)
		close(out);
	close(in);
}

static void
copy_entry(struct pass *p, int from, int to, const char *name, int depth)
{
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (upper_is_whiteout(from, name, &st))
		copy_whiteout(to, name);
	else if (S_ISDIR(st.st_mode))
		copy_directory(p, from, to, name, depth);
	else if (S_ISLNK(st.st_mode))
		copy_link(from, to, name);
	else if (S_ISREG(st.st_mode))
		copy_file(p, from, to, name, &st);
}

/* What is in the layer, and nothing else. */
static void
copy_entries(struct pass *p, int from, int to, int depth)
{
	DIR *in = fdopendir(dup(from)), *out = fdopendir(dup(to));
	struct dirent *e;
	struct stat st;

	if (in)
		rewinddir(in);
	if (out)
		rewinddir(out);
	while (in && (e = readdir(in)))
		if (is_copied(e->d_name, depth))
			copy_entry(p, from, to, e->d_name, depth);
	while (in && out && (e = readdir(out)))
		if (is_copied(e->d_name, depth) &&
		    fstatat(from, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			beneath_remove(to, e->d_name);
	if (in)
		closedir(in);
	if (out)
		closedir(out);
}

/* How long it took, in ms. */
static long long
copy_layer(int layer, int to, int quick)
{
	struct pass p = {.quick = quick};
	struct statfs fs;
	struct timespec end;

	if (fstatfs(layer, &fs) < 0)
		return 0;
	p.room = (unsigned long long)fs.f_blocks * (unsigned long)fs.f_bsize;
	clock_gettime(CLOCK_REALTIME_COARSE, &p.now);
	copy_entries(&p, layer, to, DEPTH_MAX);
	clock_gettime(CLOCK_REALTIME_COARSE, &end);
	return in_ms(&end) - in_ms(&p.now);
}

/* It reads the layer, and writes to what there is of the run. */
static void
confine(int run, int layer)
{
	static const char who[] = "what copies drafts";
	const struct landlock_path paths[] = {{layer, CONFINE_READING},
					      {run, CONFINE_WRITING}};
	const struct landlock reach = {.files = LANDLOCK_FILES,
				       .net = LANDLOCK_PORTS,
				       .scope =
					   LANDLOCK_ABSTRACT | LANDLOCK_SIGNAL,
				       .paths = paths,
				       .paths_n = 2};

	confine_process(who, &reach);
	confine_calls(who);
}

/*
 * What room_full() has seen is said in a byte at the end.  The first copy is
 * whole before it has its name.  Whoever takes over what a killed run left
 * waits for the lock.
 */
static _Noreturn void
copy_on(const struct mirror *m, const struct again_place *place, int end)
{
	enum { END, LAYER, RUN, COPY, ROOM, FDS = ROOM + ROOM_MAX };
	int to = beneath_make(m->run, "layer.new", 0700), wait = EVERY_MS;
	int fds[FDS] = {end, place->layer, m->run, to};
	int room[ROOM_MAX];
	struct pollfd fd = {.fd = END, .events = POLLIN};
	unsigned char full = 0;

	room_open(&m->room, place, fds + ROOM);
	for (int i = 0; i < ROOM_MAX; i++)
		room[i] = fds[ROOM + i] < 0 ? -1 : ROOM + i;
	if (to < 0 || flock(to, LOCK_EX) < 0)
		_exit(1);
	confine(m->run, place->layer);
	if (fd_keep_only(fds, FDS) < 0)
		_exit(1);
	beneath_scratch = RUN;
	copy_layer(LAYER, COPY, 1);
	if (renameat(RUN, "layer.new", RUN, "layer") < 0)
		_exit(1);
	while (poll(&fd, 1, wait) == 0) {
		long long ms = copy_layer(LAYER, COPY, 0) * PATIENCE;

		full |= room_full(room);
		wait = ms > EVERY_MS ? (int)ms : EVERY_MS;
	}
	copy_layer(LAYER, COPY, 1);
	full |= room_full(room);
	_exit(fd_write_all(END, &full, 1) < 0);
}

void
mirror_start(struct mirror *m, const struct again_place *place)
{
	int pair[2];

	if (m->run < 0 || m->pid > 0)
		return;
	m->pid = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0
		     ? -1
		     : fork();
	if (m->pid == 0) {
		close(pair[1]);
		copy_on(m, place, pair[0]);
	}
	if (m->pid < 0) {
		err_warn("cannot start a process: %m: what is written to "
			 "drafts is lost if the run is killed");
		return;
	}
	close(pair[0]);
	m->end = pair[1];
}

unsigned
mirror_end(struct mirror *m)
{
	unsigned char full = 0;

	if (m->pid <= 0)
		return 0;
	shutdown(m->end, SHUT_WR);
	if (read(m->end, &full, 1) < 1)
		full = 0;
	close(m->end);
	while (waitpid(m->pid, NULL, 0) < 0 && errno == EINTR)
		;
	return full;
}
