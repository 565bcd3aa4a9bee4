#include "pen-log/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"

#define SUFFIX ".jsonl"
#define SECOND SUFFIX ".1" /* pen-sni(1): it takes turns with the first */
#define FIRST_LINE "{\"time\":\""

char *
files_directory(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state == '/')
		return mem_printf("%s/pen/log", state);
	if (!home || *home != '/')
		die(ERR_TOOL, "there is no place for logs: set HOME");
	return mem_printf("%s/.local/state/pen/log", home);
}

/* O_NONBLOCK: a FIFO in its place is no log, and no wait. */
static int
open_log(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

static void
read_first(struct file *file)
{
	char text[sizeof(FIRST_LINE) - 1 + sizeof(file->first)];
	int fd = open_log(file->path);
	size_t head = strlen(FIRST_LINE), len;

	if (fd < 0)
		return;
	if (pread(fd, text, sizeof(text), 0) == (ssize_t)sizeof(text) &&
	    memcmp(text, FIRST_LINE, head) == 0) {
		len = strcspn(text + head, "\"");
		if (len < sizeof(file->first))
			memcpy(file->first, text + head, len);
	}
	close(fd);
}

static size_t
session_length(const char *name)
{
	size_t n = strlen(name);

	if (n > strlen(SECOND) &&
	    strcmp(name + n - strlen(SECOND), SECOND) == 0)
		return n - strlen(SECOND);
	if (n > strlen(SUFFIX) &&
	    strcmp(name + n - strlen(SUFFIX), SUFFIX) == 0)
		return n - strlen(SUFFIX);
	return 0;
}

static int
has(const struct files *f, const char *path)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].path, path) == 0)
			return 1;
	return 0;
}

/* Takes over path. */
static void
add(struct files *f, char *path)
{
	const char *slash = strrchr(path, '/'),
		   *name = slash ? slash + 1 : path;
	size_t n = session_length(name);
	struct file *file;

	f->v = mem_grow(f->v, f->n + 1, sizeof(*f->v));
	file = &f->v[f->n++];
	*file = (struct file){.path = path, .fd = -1};
	file->session = mem_printf("%.*s", (int)(n ? n : strlen(name)), name);
	read_first(file);
}

static int
compare(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int r = strcmp(x->session, y->session);

	if (r == 0)
		r = strcmp(x->first, y->first);
	return r ? r : strcmp(x->path, y->path);
}

void
files_scan(struct files *f)
{
	DIR *d = opendir(f->dir);
	struct dirent *e;
	size_t had = f->n;

	if (!d && errno == ENOENT)
		return;
	if (!d)
		die(ERR_TOOL, "cannot read '%s': %m", f->dir);
	while ((e = readdir(d))) {
		char *path = mem_printf("%s/%s", f->dir, e->d_name);

		if (session_length(e->d_name) && !has(f, path))
			add(f, path);
		else
			free(path);
	}
	closedir(d);
	if (f->n > had)
		qsort(f->v + had, f->n - had, sizeof(*f->v), compare);
}

void
files_add(struct files *f, const char *path)
{
	int fd = open_log(path);

	if (fd < 0)
		die(ERR_TOOL, "cannot read '%s': %m", path);
	close(fd);
	add(f, mem_copy(path));
}

/* The file as it is now: it may have been cut, to be begun anew. */
static int
reopen(struct file *file)
{
	struct stat st;

	if (file->fd < 0)
		file->fd = open_log(file->path);
	if (file->fd < 0 || fstat(file->fd, &st) < 0)
		return -1;
	if (st.st_size < file->at)
		file->at = 0;
	return 0;
}

void
files_read(struct file *file, files_fn *fn, void *arg)
{
	char buf[FILES_LINE_MAX];
	ssize_t n;

	if (file->skip || reopen(file) < 0)
		return;
	while ((n = pread(file->fd, buf, sizeof(buf), file->at)) > 0) {
		char *line = buf, *end;
		size_t left = (size_t)n;

		while ((end = memchr(line, '\n', left))) {
			size_t len = (size_t)(end - line);

			fn(arg, line, len);
			line += len + 1;
			left -= len + 1;
		}
		if (left == sizeof(buf))
			left = 0; /* no log has such a line: pass over it */
		if (left == (size_t)n)
			return; /* the rest of it has yet to come */
		file->at += n - (ssize_t)left;
	}
}
