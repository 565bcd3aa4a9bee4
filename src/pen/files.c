#include "pen/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "pen/draft.h"
#include "pen/etc.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/quote.h"
#include "pen/view_draft.h"
#include "pen/view_open.h"

/* An item of state, ro or rw. */
struct shown {
	const struct settings_item *item;
	enum view_mode mode;
	char *path;
	int optional; /* begins with "-" */
	/* of state: the type that it must have, and what view_open wants to
	 * know, for nobody sees where it leads when an agent is started */
	mode_t type;
	const struct strv *never;
};

static struct shown
parse_shown(const struct project *p, enum settings_key key,
	    const struct settings_item *item)
{
	struct shown s = {.item = item, .optional = *item->text == '-'};
	const char *text = item->text + s.optional;

	s.mode = key == SET_RO ? VIEW_RO : VIEW_RW;
	s.path = path_expand(text, p->home);
	if (key == SET_STATE) {
		s.never = &p->never;
		s.type = text[strlen(text) - 1] == '/' ? S_IFDIR : S_IFREG;
	}
	return s;
}

/* Ends the process: a link that a run can make says what the next one sees. */
static _Noreturn void
die_planted(const struct shown *s, const char *planted)
{
	die_hint("remove that link, or name what it leads to",
		 "cannot show '%s' (%s): '%s' is a symbolic link where a run "
		 "can make one",
		 s->path, s->item->from, planted);
}

/* What nothing inside may read or write. */
static void
check_real(const struct project *p, const struct shown *s, const char *real)
{
	if (path_within(p->home, real))
		die_hint("name what is needed in it",
			 "cannot show '%s' (%s): the home directory is in it",
			 s->path, s->item->from);
	if (path_within(p->control, real) || path_within(real, p->control))
		die_hint("name what is needed in it",
			 "cannot show '%s' (%s): pen's control sockets are in "
			 "it",
			 s->path, s->item->from);
	for (size_t i = 0; s->mode == VIEW_RW && i < p->own.n; i++)
		if (path_within(real, p->own.v[i]) ||
		    path_within(p->own.v[i], real))
			die(ERR_TOOL,
			    "cannot show '%s' (%s): pen keeps its own files "
			    "in '%s'",
			    s->path, s->item->from, p->own.v[i]);
	for (size_t i = 0; s->mode == VIEW_RW && i < p->programs.n; i++)
		if (path_within(real, p->programs.v[i]))
			die(ERR_TOOL,
			    "cannot show '%s' (%s): pen runs from '%s'",
			    s->path, s->item->from, p->programs.v[i]);
}

static void
check_type(const struct shown *s, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		die(ERR_TOOL, "cannot show '%s' (%s): %m", s->path,
		    s->item->from);
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		die_hint(mem_printf("pen --dev '%s', or in pen.conf: dev += "
				    "{\"%s\"}",
				    s->path, s->path),
			 "cannot show '%s' (%s): it is a device, and nothing "
			 "could open it",
			 s->path, s->item->from);
	if (s->type && (st.st_mode & S_IFMT) != s->type)
		die(ERR_TOOL, "cannot show '%s' (%s): it is not a %s", s->path,
		    s->item->from, s->type == S_IFDIR ? "directory" : "file");
}

/*
 * Shows a path at its own place, whatever it leads to: prog finds a directory
 * where the user has a link to one.  What was looked at is what is bound.
 */
static void
show(const struct project *p, struct view *v, const struct shown *s, int made)
{
	char *real = NULL, *planted;
	int fd = view_open(v, s->path, 0, s->never, &real, &planted);

	if (planted)
		die_planted(s, planted);
	if (fd < 0 && errno == ENOENT && s->optional)
		return;
	if (fd < 0 && errno == ENOENT && !made &&
	    (real = path_settle(s->path, NULL, NULL))) {
		check_real(p, s, real);
		view_bind(v, s->mode, real, s->path, -1);
		free(real);
		return;
	}
	if (fd < 0)
		die(ERR_TOOL, "cannot show '%s' (%s): %m", s->path,
		    s->item->from);
	check_real(p, s, real);
	check_type(s, fd);
	if (s->mode == VIEW_RO && strcmp(real, "/etc") == 0)
		die_hint("name the file: --ro /etc/hosts",
			 "cannot show '%s' (%s): it is shown, but for the "
			 "files that pen makes itself",
			 s->path, s->item->from);
	if (view_shows(v, s->mode, real, s->path) ||
	    (s->mode == VIEW_RO && path_in_system(real) &&
	     strcmp(s->path, real) == 0 && !etc_makes(real)))
		close(fd);
	else
		view_bind(v, s->mode, real, s->path, fd);
}

/* Opens what a planted link may lead to: the system is there for anyone. */
static int
open_system(const char *path, char **real)
{
	int fd = -1;

	*real = path_follow(path, NULL, NULL);
	if (*real && path_in_system(*real))
		fd = open(*real, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	return fd;
}

int
files_show_data(const struct project *p, struct view *v, const char *path,
		const char *dir)
{
	struct strv never = {0};
	char *real = NULL, *planted;
	struct stat st;
	int fd, is_file;

	if (view_has(v, path))
		return stat(path, &st) == 0;
	for (size_t i = 0; i < p->never.n; i++)
		strv_push(&never, p->never.v[i]);
	strv_push(&never, dir);
	fd = view_open(v, path, 0, &never, &real, &planted);
	if (fd < 0 && planted)
		fd = open_system(path, &real);
	is_file = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	if (is_file)
		view_bind(v, VIEW_RO, real, path, fd);
	else if (fd >= 0)
		close(fd);
	free(real);
	free(never.v);
	return is_file;
}

/* An empty file is none where JSON is expected. */
static int
is_json(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && strcmp(dot, ".json") == 0;
}

/* A file that its program would make must be there to be mounted on. */
static void
make_file(const struct shown *s, int dir)
{
	const char *name = strrchr(s->path, '/') + 1;
	int fd =
	    openat(dir, name,
		   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	int error;

	if (fd < 0 && errno == EEXIST)
		return;
	if (fd < 0)
		die(ERR_TOOL, "cannot make '%s' (%s): %m", s->path,
		    s->item->from);
	if (is_json(s->path) &&
	    (fd_write_all(fd, "{}\n", 3) < 0 || fsync(fd) < 0)) {
		error = errno;
		unlinkat(dir, name, 0); /* an empty file is no JSON */
		die(ERR_TOOL, "cannot make '%s' (%s): %s", s->path,
		    s->item->from, strerror(error));
	}
	close(fd);
}

/* Makes state that is missing. */
static void
make_state(const struct view *v, const struct shown *s)
{
	char *dir =
	    s->type == S_IFDIR ? mem_copy(s->path) : path_parent(s->path);
	char *real = NULL, *planted;
	int fd = view_open(v, dir, 1, s->never, &real, &planted);

	if (planted)
		die_planted(s, planted);
	if (fd < 0)
		die(ERR_TOOL, "cannot make the directory '%s' (%s): %m", dir,
		    s->item->from);
	if (s->type != S_IFDIR)
		make_file(s, fd);
	close(fd);
	free(real);
	free(dir);
}

/* The same, said. */
static void
say_state(const struct shown *s, struct strv *commands)
{
	char *dir =
	    s->type == S_IFDIR ? mem_copy(s->path) : path_parent(s->path);
	char *quoted_dir = quote_word(dir), *quoted = quote_word(s->path);
	struct stat st;

	if (lstat(dir, &st) < 0)
		strv_push(commands, mem_printf("mkdir -p %s", quoted_dir));
	if (s->type != S_IFDIR && lstat(s->path, &st) < 0)
		strv_push(commands,
			  mem_printf("%s >%s",
				     is_json(s->path) ? "echo '{}'" : ":",
				     quoted));
	free(quoted);
	free(quoted_dir);
	free(dir);
}

/* A cover of what is not there yet, and a pin of each directory on the way. */
static void
plan_cover(struct view *v, const char *path, enum view_mode mode)
{
	char *dir = path_parent(path), *up = path_parent(dir);

	view_bind(v, mode, path, path, -1);
	while (view_writable(v, up)) {
		view_bind(v, VIEW_RW, dir, dir, -1);
		free(dir);
		dir = up;
		up = path_parent(dir);
	}
	free(up);
	free(dir);
}

/*
 * Makes what protect, draft and tmpfs name, so that there is something to mount
 * on: what the run would make there is executed later.
 */
static void
make_covered(const struct settings *s, const struct project *p, struct view *v,
	     enum settings_key key, struct strv *commands)
{
	const struct settings_list *l = &s->list[key];

	for (size_t i = 0; i < l->n; i++) {
		const char *text = l->v[i].text;
		struct shown w = {.item = &l->v[i], .type = S_IFDIR};
		struct stat st;

		if (key != SET_TMPFS && *text++ != '+')
			continue;
		text = key == SET_DRAFT ? draft_path(text) : mem_copy(text);
		if (key != SET_TMPFS && text[strlen(text) - 1] != '/')
			w.type = S_IFREG;
		w.path = path_expand(text, p->home);
		if (lstat(w.path, &st) == 0 || !view_writable(v, w.path))
			;
		else if (!commands)
			make_state(v, &w);
		else {
			say_state(&w, commands);
			if (key == SET_DRAFT)
				view_plan_draft(v,
						w.type == S_IFDIR
						    ? VIEW_DIR
						    : VIEW_REPLACED,
						w.path);
			else
				plan_cover(v, w.path,
					   key == SET_PROTECT ? VIEW_RO
							      : VIEW_TMPFS);
		}
		free(w.path);
	}
}

/*
 * What will be writable is known before anything is opened: that decides which
 * links count.
 */
static void
say_writable(const struct settings *s, const struct project *p, struct view *v)
{
	static const enum settings_key keys[] = {SET_STATE, SET_RW};

	view_writes(v, p->root);
	if (p->common)
		view_writes(v, p->common);
	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
		for (size_t i = 0; i < s->list[keys[k]].n; i++) {
			struct shown w =
			    parse_shown(p, keys[k], &s->list[keys[k]].v[i]);
			char *real = path_settle(w.path, NULL, NULL);

			if (real) /* or opening it says why */
				view_writes(v, real);
			free(real);
			free(w.path);
		}
}

static void
show_common(const struct project *p, struct view *v)
{
	char *real = NULL, *planted;
	int fd = view_open(v, p->common, 0, NULL, &real, &planted);

	if (fd < 0 || strcmp(real, p->common) != 0)
		die(ERR_TOOL, "'%s' was replaced since it was found",
		    p->common);
	view_bind(v, VIEW_RW, p->common, p->common, fd);
	free(real);
}

/* The project's name as one of a file: "/" is "%2f", and "%" is "%25". */
static char *
file_name(const char *path)
{
	char *name = mem_alloc(3 * strlen(path) + 1), *to = name;

	for (; *path; path++)
		if (*path == '/' || *path == '%')
			to = stpcpy(to, *path == '/' ? "%2f" : "%25");
		else
			*to++ = *path;
	*to = '\0';
	return name;
}

/* Shows a directory of pen's state, which is made, at dest. */
static void
show_kept(struct view *v, const char *dir, const char *dest, const char *key,
	  struct strv *commands)
{
	char *real = NULL;
	int fd = path_open(dir, !commands, NULL, NULL, &real);

	if (fd < 0 && errno == ENOENT && commands) {
		say_state(
		    &(struct shown){.path = mem_copy(dir), .type = S_IFDIR},
		    commands);
		real = path_settle(dir, NULL, NULL);
	}
	if (fd < 0 && !real)
		die(ERR_TOOL, "cannot make the directory '%s' (%s): %m", dir,
		    key);
	view_bind(v, VIEW_RW, real, dest, fd);
	free(real);
}

/*
 * Where shells inside keep their history: nothing on this side reads what is
 * in there, which is the run's to write.
 */
static void
show_history(const struct project *p, struct view *v, struct strv *commands)
{
	char *name = file_name(p->root), *dir = path_join(p->histories, name);
	char *dest = path_join(p->home, ".pen-history");

	show_kept(v, dir, dest, "history", commands);
	free(dest);
	free(dir);
	free(name);
}

/* What package managers keep of what they have fetched. */
static const struct {
	const char *name, *path; /* below the home directory */
} caches[] = {
    {"npm", ".npm"},
    {"pnpm-store", ".local/share/pnpm/store"},
    {"pnpm", ".cache/pnpm"},
    {"yarn", ".cache/yarn"},
    {"yarn-berry", ".yarn/berry"},
    {"bun", ".bun/install/cache"},
    {"pip", ".cache/pip"},
    {"uv", ".cache/uv"},
    {"cargo-registry", ".cargo/registry"},
    {"cargo-git", ".cargo/git"},
    {"go-build", ".cache/go-build"},
    {"go-mod", "go/pkg/mod"},
    {"maven", ".m2/repository"},
    {"gradle", ".gradle/caches"},
    {"gradle-wrapper", ".gradle/wrapper"},
    {"composer", ".cache/composer"},
    {"nuget", ".nuget/packages"},
    {"containers", ".local/share/containers"}, /* podman, buildah */
};

/*
 * The project's own, never the host's: what a run leaves in them is executed by
 * later runs, and by nothing outside.
 */
void
files_show_caches(const struct project *p, struct view *v,
		  struct strv *commands)
{
	char *state = path_parent(p->histories), *name = file_name(p->root);
	char *all = path_join(state, "cache"), *own = path_join(all, name);

	for (size_t i = 0; i < sizeof(caches) / sizeof(*caches); i++) {
		char *dir = path_join(own, caches[i].name);
		char *dest = path_join(p->home, caches[i].path);

		if (!view_has(v, dest)) /* or the user has it otherwise */
			show_kept(v, dir, dest, "cache", commands);
		free(dest);
		free(dir);
	}
	free(own);
	free(all);
	free(name);
	free(state);
}

void
files_show(const struct settings *s, const struct project *p, struct view *v,
	   struct strv *commands)
{
	static const enum settings_key keys[] = {SET_STATE, SET_RW, SET_RO};

	say_writable(s, p, v);
	view_bind(v, VIEW_RW, p->root, p->root, p->root_fd);
	if (p->common)
		show_common(p, v);
	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
		for (size_t i = 0; i < s->list[keys[k]].n; i++) {
			struct shown w =
			    parse_shown(p, keys[k], &s->list[keys[k]].v[i]);

			int makes = keys[k] == SET_STATE && !w.optional;

			if (makes && commands)
				say_state(&w, commands);
			else if (makes)
				make_state(v, &w);
			show(p, v, &w, !makes || !commands);
		}
	make_covered(s, p, v, SET_PROTECT, commands);
	make_covered(s, p, v, SET_DRAFT, commands);
	make_covered(s, p, v, SET_TMPFS, commands);
	if (settings_on(s, SET_HISTORY))
		show_history(p, v, commands);
}
