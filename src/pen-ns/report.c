/* --report: what a run did to paths that no mount could cover. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/names.h"
#include "pen-ns/json.h"
#include "pen-ns/ns.h"

/* Whoever made the entries of a directory chose their number. */
#define ENTRIES_MAX 4096
#define NEW_MAX 16 /* lines for one directory */

/* More than an agent's state file has. */
#define JSON_MAX (64 << 20)

/*
 * A directory that was looked into last.  Paths of one directory follow each
 * other, and the way there is walked once; where it is not there, nor is
 * anything in it.
 */
struct place {
	const char *path; /* the first len bytes of it */
	size_t len;	  /* 0 before the first */
	int fd, error;
	struct names names;
};

static void
go(struct place *p, const char *path, size_t len)
{
	char *dir;

	if (p->len == len && memcmp(p->path, path, len) == 0)
		return;
	if (p->len > 0 && p->fd >= 0)
		close(p->fd);
	p->path = path;
	p->len = len;
	dir = mem_part(path, len);
	p->fd = openat(AT_FDCWD, dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	p->error = errno;
	free(dir);
	p->names = (struct names){0};
}

static int
look_in(struct place *p, const char *name, struct stat *st)
{
	if (p->fd < 0) {
		errno = p->error;
		return -1;
	}
	if (names_lack(&p->names, p->fd, name)) {
		errno = ENOENT;
		return -1;
	}
	return fstatat(p->fd, name, st, AT_SYMLINK_NOFOLLOW);
}

/* 1 and *st, or 0 where nothing is; -1 with errno. */
static int
look(struct place *p, const char *path, struct stat *st)
{
	const char *slash = strrchr(path, '/');
	int found;

	memset(st, 0, sizeof(*st));
	if (!slash || slash == path || slash[1] == '\0') {
		found = lstat(path, st);
	} else {
		go(p, path, (size_t)(slash - path));
		found = look_in(p, slash + 1, st);
	}
	if (found == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

static void
leave(const struct place *p)
{
	if (p->len > 0 && p->fd >= 0)
		close(p->fd);
}

/* "." and ".." are in every directory.  NULL with errno, 0 at the end. */
static struct dirent *
next_entry(DIR *d)
{
	struct dirent *e;

	errno = 0;
	do
		e = readdir(d);
	while (e && (strcmp(e->d_name, ".") == 0 ||
		     strcmp(e->d_name, "..") == 0));
	return e;
}

static void
list_entries(struct report_new *r)
{
	DIR *d = opendir(r->path);
	struct dirent *e;

	while (d && (e = next_entry(d))) {
		if (r->n == ENTRIES_MAX)
			die(ERR_TOOL, "'%s' has more than %d entries", r->path,
			    ENTRIES_MAX);
		r->entries = mem_room(r->entries, r->n, sizeof(*r->entries));
		r->entries[r->n++] =
			(struct report_entry){mem_copy(e->d_name), e->d_ino};
	}
	if (d)
		closedir(d);
}

/* The values of r->key now; "" without a file, NULL if it cannot be read. */
static char *
read_values(const struct report_json *r)
{
	int fd = open(r->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char *text = NULL, *values = NULL;
	struct stat st;
	size_t n;

	if (fd < 0)
		return errno == ENOENT ? mem_copy("") : NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		text = fd_read_all(fd, JSON_MAX, &n);
	if (text)
		values = json_values(text, n, r->key);
	free(text);
	close(fd);
	return values;
}

static void
report_values(const struct report_json *r)
{
	char *now = read_values(r);

	if (!now || !r->values)
		err_warn("cannot tell if '%s' of '%s' was changed", r->key,
			 r->path);
	else if (strcmp(now, r->values) != 0)
		err_warn("'%s' of '%s' was changed during the run", r->key,
			 r->path);
	free(now);
}

void
report_start(struct ns *ns)
{
	struct place place = {.len = 0};

	for (size_t i = 0; i < ns->nreports; i++) {
		struct report *r = &ns->reports[i];

		r->exists = look(&place, r->path, &r->st);
		if (r->exists < 0)
			die(ERR_TOOL, "cannot look at '%s': %m", r->path);
	}
	leave(&place);
	for (size_t i = 0; i < ns->nnews; i++)
		list_entries(&ns->news[i]);
	for (size_t i = 0; i < ns->njsons; i++)
		ns->jsons[i].values = read_values(&ns->jsons[i]);
}

static int
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* The status change time covers what sets the other times back. */
static int
same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && a->st_mode == b->st_mode &&
	       same_time(&a->st_mtim, &b->st_mtim) &&
	       same_time(&a->st_ctim, &b->st_ctim);
}

static int
was_there(const struct report_new *r, const struct dirent *e)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->entries[i].ino == e->d_ino &&
		    strcmp(r->entries[i].name, e->d_name) == 0)
			return 1;
	return 0;
}

static void
report_entries(const struct report_new *r)
{
	DIR *d = opendir(r->path);
	struct dirent *e;
	int n = 0;

	while (d && n <= NEW_MAX && (e = next_entry(d))) {
		if (was_there(r, e))
			continue;
		if (++n <= NEW_MAX)
			err_warn("'%s/%s' was created during the run", r->path,
				 e->d_name);
		else
			err_warn("more was created in '%s'", r->path);
	}
	if (n <= NEW_MAX && errno != 0 && errno != ENOENT && errno != ENOTDIR)
		err_warn("cannot tell what is new in '%s': %m", r->path);
	if (d)
		closedir(d);
}

void
report_end(const struct ns *ns)
{
	struct place place = {.len = 0};

	for (size_t i = 0; i < ns->nreports; i++) {
		const struct report *r = &ns->reports[i];
		struct stat now;
		int exists = look(&place, r->path, &now);

		if (exists < 0)
			err_warn("cannot look at '%s' any more: %m", r->path);
		else if (exists && !r->exists)
			err_warn("'%s' was created during the run", r->path);
		else if (!exists && r->exists)
			err_warn("'%s' was removed during the run", r->path);
		else if (exists && !same(&now, &r->st))
			err_warn("'%s' was changed during the run", r->path);
	}
	leave(&place);
	for (size_t i = 0; i < ns->nnews; i++)
		report_entries(&ns->news[i]);
	for (size_t i = 0; i < ns->njsons; i++)
		report_values(&ns->jsons[i]);
}
