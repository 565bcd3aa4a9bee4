#include "files.h"

#include <dirent.h>
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

/*
 * What git executes or obeys in a git directory.  commondir would move all of
 * it somewhere else; config is a setting of its own.
 */
static const char *const git_files[] = {"hooks", "config.worktree", "commondir",
					"info/attributes"};

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

/* Where text, of mask, protect or report, is. */
static char *
place(const struct project *p, const char *text)
{
	char *path = *text == '/' || *text == '~' ? path_expand(text, p->home)
						  : path_join(p->root, text);

	trim(path);
	return path;
}

static void
cover_git(const struct settings *s, const char *dir, struct view *v)
{
	for (size_t i = 0; i < sizeof(git_files) / sizeof(*git_files); i++) {
		char *path = path_join(dir, git_files[i]);

		view_protect(v, VIEW_RO, path);
		free(path);
	}
	if (settings_on(s, SET_PROTECT_GIT_CONFIG))
		view_protect(v, VIEW_RO, path_join(dir, "config"));
}

/* A submodule may be called a/b/c; nobody has this many. */
#define MODULES_DEPTH 4
#define MODULES_MAX 64

/*
 * Covers the git directories of submodules, which have their own hooks and
 * config.  Returns how many there were, or more than max when it gave up.
 */
static int
cover_modules(const struct settings *s, const char *dir, struct view *v,
	      int depth, int max)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	struct stat st;
	int n = 0;

	if (!d)
		return 0;
	while (n <= max && (e = readdir(d))) {
		char *sub, *head;

		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		sub = path_join(dir, e->d_name);
		head = path_join(sub, "HEAD");
		if (lstat(head, &st) == 0) {
			cover_git(s, sub, v);
			n++;
		} else {
			n += depth > 1 ? cover_modules(s, sub, v, depth - 1,
						       max - n)
				       : max + 1;
		}
		free(head);
		free(sub);
	}
	closedir(d);
	return n;
}

/* Everything that makes git on the host start a program. */
static void
cover_repository(const struct settings *s, const char *dir, struct view *v)
{
	char *modules = path_join(dir, "modules");

	cover_git(s, dir, v);
	if (cover_modules(s, modules, v, MODULES_DEPTH, MODULES_MAX) >
	    MODULES_MAX) {
		err_warn("too many submodules: '%s' is read-only", modules);
		view_protect(v, VIEW_RO, modules);
	}
	free(modules);
}

void
files_cover(const struct settings *s, const struct project *p, struct view *v)
{
	static const enum view_mode modes[SET_LISTS] = {
		[SET_PROTECT] = VIEW_RO, [SET_MASK] = VIEW_MASK};
	const struct settings_list *l = s->list;
	char *git = path_join(p->root, ".git");

	if (p->gitdir)
		cover_repository(s, p->gitdir, v);
	else
		view_protect(v, VIEW_RO, git); /* a file, or to be reported */
	if (p->common)
		cover_repository(s, p->common, v);
	for (int k = SET_MASK; k <= SET_PROTECT; k++)
		for (size_t i = 0; i < l[k].n; i++) {
			char *path = place(p, l[k].v[i].text);

			view_protect(v, modes[k], path);
			free(path);
		}
	for (size_t i = 0; i < l[SET_REPORT].n; i++)
		view_report(v, place(p, l[SET_REPORT].v[i].text));
	/* pen run from its own source tree: the next pen must still be pen */
	for (size_t i = 0; i < p->own.n; i++)
		view_protect(v, VIEW_RO, p->own.v[i]);
}
