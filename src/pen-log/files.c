#include "pen-log/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/file.h"
#include "lib/mem.h"
#include "lib/state.h"

#define SUFFIX ".jsonl"
#define FIRST_LINE "{\"time\":\""

char *
files_directory(void)
{
	char *path = state_path("log");

	if (!path)
		die(ERR_TOOL, "there is no place for logs: set HOME");
	return path;
}

static void
read_first(struct file *file)
{
	char text[sizeof(FIRST_LINE) - 1 + sizeof(file->first)];
	int fd = file_open_regular(file->path, 0);
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

/* The length of the session's name, or 0; pen-sni(1): it has three files. */
static size_t
session_length(const char *name)
{
	static const char *const ends[] = {SUFFIX, SUFFIX ".1", SUFFIX ".2"};
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t end = strlen(ends[i]);

		if (n > end && strcmp(name + n - end, ends[i]) == 0)
			return n - end;
	}
	return 0;
}

static int
has_file(const struct files *f, const char *path)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].path, path) == 0)
			return 1;
	return 0;
}

/* Takes over path. */
static void
add_file(struct files *f, char *path)
{
	const char *slash = strrchr(path, '/'),
		   *name = slash ? slash + 1 : path;
	size_t n = session_length(name);
	struct file *file;

	f->v = mem_room(f->v, f->n, sizeof(*f->v));
	file = &f->v[f->n++];
	*file = (struct file){.path = path, .fd = -1};
	file->session = mem_printf("%.*s", (int)(n ? n : strlen(name)), name);
	read_first(file);
}

static int
compare_files(const void *a, const void *b)
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

		if (session_length(e->d_name) && !has_file(f, path))
			add_file(f, path);
		else
			free(path);
	}
	closedir(d);
	if (f->n > had)
		qsort(f->v + had, f->n - had, sizeof(*f->v), compare_files);
}

void
files_add(struct files *f, const char *path)
{
	int fd = file_open_regular(path, 0);

	if (fd < 0)
		die(ERR_TOOL, "cannot read '%s': %m", path);
	close(fd);
	add_file(f, mem_copy(path));
}

/* The file as it is now: it may have been cut, to be begun anew. */
static int
reopen_file(struct file *file)
{
	struct stat st;

	if (file->fd < 0)
		file->fd = file_open_regular(file->path, 0);
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

	if (file->skip || reopen_file(file) < 0)
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
