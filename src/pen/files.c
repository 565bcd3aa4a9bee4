#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "path.h"

void
files_make_directory(const char *path)
{
	char *parent;

	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return;
	if (errno == ENOENT) {
		parent = path_parent(path);
		files_make_directory(parent);
		free(parent);
		if (mkdir(path, 0700) == 0 || errno == EEXIST)
			return;
	}
	die(ERR_TOOL, "cannot make the directory '%s': %m", path);
}

/*
 * A file that its program would make must be there to be mounted on.  An empty
 * file is none where JSON is expected.
 */
static void
make_file(const char *path)
{
	const char *dot = strrchr(path, '.');
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return;
	if (fd < 0 || (dot && strcmp(dot, ".json") == 0 &&
		       fd_write_all(fd, "{}\n", 3) < 0))
		die(ERR_TOOL, "cannot make '%s': %m", path);
	close(fd);
}

/* Drops slashes at the end; returns whether there were any. */
static int
trim(char *path)
{
	size_t n = strlen(path), was = n;

	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	return n != was;
}

/*
 * Shows item's path at its own place, whatever it leads to: prog finds a
 * directory where the user has a link to one.
 */
static void
show_path(const struct project *p, struct view *v, enum view_mode mode,
	  const struct settings_item *item)
{
	const char *text = item->text + (*item->text == '-');
	char *path = path_expand(text, p->home), real[PATH_MAX];

	trim(path);
	if (!realpath(path, real)) {
		if (errno == ENOENT && text != item->text)
			return;
		die(ERR_TOOL, "cannot show '%s' (%s): %m", path, item->from);
	}
	if (path_within(p->home, real))
		die_hint("name what is needed in it",
			 "cannot show '%s' (%s): the home directory is in it",
			 path, item->from);
	if (path_within(p->control, real) || path_within(real, p->control))
		die_hint("name what is needed in it",
			 "cannot show '%s' (%s): pen's control sockets are in "
			 "it", path, item->from);
	for (size_t i = 0; mode == VIEW_RW && i < p->own.n; i++)
		if (path_within(real, p->own.v[i]) ||
		    path_within(p->own.v[i], real))
			die(ERR_TOOL,
			    "cannot show '%s' (%s): pen keeps its own files "
			    "in '%s'",
			    path, item->from, p->own.v[i]);
	if (view_shows(v, mode, real, path))
		return;
	if (mode == VIEW_RO && path_in_system(real) && strcmp(path, real) == 0)
		return;
	view_bind(v, mode, real, path, -1);
}

static void
show_state(const struct project *p, struct view *v,
	   const struct settings_item *item)
{
	const char *text = item->text + (*item->text == '-');
	char *path = path_expand(text, p->home);
	int directory = trim(path);

	if (text == item->text && directory) {
		files_make_directory(path);
	} else if (text == item->text) {
		char *parent = path_parent(path);

		files_make_directory(parent);
		make_file(path);
		free(parent);
	}
	show_path(p, v, VIEW_RW, item);
	free(path);
}

void
files_show(const struct settings *s, const struct project *p, struct view *v)
{
	const struct settings_list *l = s->list;

	view_bind(v, VIEW_RW, p->root, p->root, p->root_fd);
	if (p->common)
		view_bind(v, VIEW_RW, p->common, p->common, -1);
	for (size_t i = 0; i < l[SET_STATE].n; i++)
		show_state(p, v, &l[SET_STATE].v[i]);
	for (size_t i = 0; i < l[SET_RW].n; i++)
		show_path(p, v, VIEW_RW, &l[SET_RW].v[i]);
	for (size_t i = 0; i < l[SET_RO].n; i++)
		show_path(p, v, VIEW_RO, &l[SET_RO].v[i]);
}
