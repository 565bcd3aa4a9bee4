#include "pen-watch/quota.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/confine.h"
#include "lib/err.h"
#include "lib/fd.h"

/* The free space is asked for so often, which costs a microsecond. */
#define EVERY_MS 100

/* The files are added up so often, or a twentieth of the time. */
#define WALK_MS 1000
#define PATIENCE 20

/* Each level holds a descriptor. */
#define DEPTH_MAX 128

/*
 * What is to stay free for the others, also of what a walk does not find: files
 * that have no name any more.  Half of it where there is little.
 */
#define SPARE_BYTES (256ULL << 20)
#define SPARE_FILES 10000

struct free_space {
	unsigned long long bytes, files;
};

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Some file systems make files as they are needed: as many as one likes. */
static struct free_space
free_space(int dir)
{
	struct free_space is = {-1ULL, -1ULL};
	struct statvfs fs;

	if (fstatvfs(dir, &fs) == 0) {
		is.bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
		if (fs.f_files > 0)
			is.files = fs.f_favail;
	}
	return is;
}

static unsigned long long
add_up(int above, const char *name, int depth)
{
	int fd = beneath_open(above, name, O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	unsigned long long sum = 0;
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		/* it may be removed just now, and have no name */
		sum += (unsigned long long)st.st_blocks * 512 /
		       (S_ISDIR(st.st_mode) || !st.st_nlink ? 1 : st.st_nlink);
		if (S_ISDIR(st.st_mode) && depth > 0)
			sum += add_up(dirfd(d), e->d_name, depth - 1);
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
	return sum;
}

/* It looks at the overlay, and at nothing else. */
static void
confine(int dir)
{
	static const char who[] = "what measures the overlay";
	const struct landlock_path path = {dir, CONFINE_READING};
	const struct landlock reach = {.files = LANDLOCK_FILES,
				       .net = LANDLOCK_PORTS,
				       .scope =
					   LANDLOCK_ABSTRACT | LANDLOCK_SIGNAL,
				       .paths = &path,
				       .paths_n = 1};

	confine_process(who, &reach);
	confine_calls(who);
}

/* Waits until a bound is exceeded, or end is closed: 0. */
static char
measure(int dir, unsigned long long most, int end)
{
	struct pollfd fd = {.fd = end, .events = POLLIN};
	struct free_space is = free_space(dir), then = {0, 0};
	struct free_space spare = {
	    is.bytes / 2 < SPARE_BYTES ? is.bytes / 2 : SPARE_BYTES,
	    is.files / 2 < SPARE_FILES ? is.files / 2 : SPARE_FILES};
	unsigned long long sum = 0;
	long long due = 0;

	do {
		long long now = now_ms();

		is = free_space(dir);
		if (is.bytes < spare.bytes || is.files < spare.files)
			return QUOTA_DISK;
		/* much was written since, or something, some time ago */
		if (!(now >= due && is.bytes != then.bytes) &&
		    !(is.bytes < then.bytes &&
		      then.bytes - is.bytes > (most - sum) / 2))
			continue;
		then = is;
		sum = add_up(dir, "", DEPTH_MAX);
		if (sum > most)
			return QUOTA_OVERLAY;
		due = (now_ms() - now) * PATIENCE;
		due = now + (due > WALK_MS ? due : WALK_MS);
	} while (poll(&fd, 1, EVERY_MS) == 0);
	return 0;
}

void
quota_start(struct quota *r)
{
	enum { END, DIRECTORY, TOLD, FDS };
	int end[2], told[2], fds[FDS];
	char c;

	r->told = -1;
	if (r->dir < 0)
		return;
	r->pid = pipe2(end, O_CLOEXEC) < 0 || pipe2(told, O_CLOEXEC) < 0
		     ? -1
		     : fork();
	if (r->pid < 0)
		die(ERR_TOOL, "cannot start a process: %m");
	if (r->pid == 0) {
		fds[END] = end[0];
		fds[DIRECTORY] = r->dir;
		fds[TOLD] = told[1];
		confine(r->dir);
		if (fd_keep_only(fds, FDS) < 0)
			_exit(1);
		c = measure(DIRECTORY, r->most, END);
		_exit(c && fd_write_all(TOLD, &c, 1) < 0);
	}
	close(end[0]);
	close(told[1]);
	close(r->dir);
	r->end = end[1];
	r->told = told[0];
}

void
quota_end(struct quota *r)
{
	if (r->pid <= 0)
		return;
	close(r->end);
	while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
}
