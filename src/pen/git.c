#include "git.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cover.h"
#include "gitconf.h"
#include "gitfile.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/gitindex.h"
#include "path.h"

/* More than any file has that is read here; and a million entries of it. */
#define FILE_MAX (1 << 20)
#define INDEX_MAX (256 << 20)

/* A submodule may be called a/b/c; nobody has this many. */
#define MODULES_DEPTH 4
#define REPOSITORIES_MAX 64
#define ENTRIES_MAX 1024

/*
 * What git executes or obeys in a git directory.  commondir would move all of
 * it somewhere else; config is a setting of its own.
 */
static const char *const git_files[] = {"hooks", "config.worktree", "commondir",
					"info/attributes"};

struct git {
	const struct settings *s;
	const char *home;
	struct view *v;
	struct strv seen, trees; /* git directories, and trees */
	size_t links;		 /* of indexes */
	size_t entries;		 /* of directories that were looked through */
};

static void cover_tree(struct git *g, const char *root);
static void cover_repository(struct git *g, const char *dir, const char *tree);

/* At most max bytes of the file dir/name; NULL when it is none. */
static char *
read_file(const char *dir, const char *name, size_t max, size_t *n)
{
	char *path = path_join(dir, name), *text = NULL;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		text = fd_read_all(fd, max, n);
	if (fd >= 0)
		close(fd);
	free(path);
	return text;
}

char *
git_read(const char *dir, const char *name)
{
	size_t n;

	return read_file(dir, name, FILE_MAX, &n);
}

char *
git_resolve(const char *dir, const char *path)
{
	char *full = *path == '/' ? mem_copy(path) : path_join(dir, path);
	char *real = path_follow(full, NULL, NULL);

	free(full);
	return real;
}

/* Where the first line of dir/name leads, after prefix; NULL when nowhere. */
static char *
read_link(const char *dir, const char *name, const char *prefix)
{
	char *text = git_read(dir, name);
	char *line = text ? gitfile_line(text, prefix) : NULL;
	char *real = line ? git_resolve(dir, line) : NULL;

	free(text);
	free(line);
	return real;
}

static void
cover_name(struct git *g, const char *dir, const char *name)
{
	char *path = path_join(dir, name);

	cover_path(g->v, path);
	free(path);
}

static void
report_name(struct git *g, const char *dir, const char *name)
{
	char *path = path_join(dir, name);

	if (view_writable(g->v, path))
		view_report(g->v, path);
	free(path);
}

/* Whether dir is new in seen, and not one too many; then it is noted. */
static int
is_new(struct strv *seen, const char *dir)
{
	for (size_t i = 0; i < seen->n; i++)
		if (strcmp(seen->v[i], dir) == 0)
			return 0;
	if (seen->n >= REPOSITORIES_MAX)
		return 0;
	strv_push(seen, mem_copy(dir));
	return 1;
}

typedef void entry_fn(struct git *g, const char *path, int depth);

/*
 * Calls fn for each directory in dir, with a link to one followed.  Returns
 * whether there are too many.
 */
static int
each_directory(struct git *g, const char *dir, entry_fn *fn, int depth)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;

	while (d && g->entries <= ENTRIES_MAX && (e = readdir(d))) {
		char *path, *real;

		if (e->d_type == DT_REG || strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		g->entries++;
		path = path_join(dir, e->d_name);
		real = path_follow(path, NULL, NULL);
		if (real && lstat(real, &st) == 0 && S_ISDIR(st.st_mode))
			fn(g, real, depth);
		free(path);
		free(real);
	}
	if (d)
		closedir(d);
	return g->entries > ENTRIES_MAX || g->seen.n >= REPOSITORIES_MAX;
}

/* Reports what is new in dir, if it can be made there. */
static void
report_new(struct git *g, const char *dir)
{
	if (view_writable(g->v, dir))
		view_report_new(g->v, dir);
}

/* A git directory below modules, or a directory on the way to some. */
static void
cover_module(struct git *g, const char *dir, int depth)
{
	char *text = git_read(dir, "config"), *tree, *real;
	struct stat st;
	char *head = path_join(dir, "HEAD");
	int is_git = lstat(head, &st) == 0;

	free(head);
	if (!is_git && depth > 1) {
		report_new(g, dir);
		if (each_directory(g, dir, cover_module, depth - 1))
			cover_path(g->v, dir);
	} else if (!is_git) {
		err_warn("'%s' is read-only: too deep below modules", dir);
		cover_path(g->v, dir);
	} else {
		tree = text ? gitfile_value(text, "core", "worktree") : NULL;
		real = tree ? git_resolve(dir, tree) : NULL;
		cover_repository(g, dir, real ? real : dir);
		if (real)
			cover_tree(g, real);
		free(tree);
		free(real);
	}
	free(text);
}

/* A repository that the index of the tree root links to. */
struct submodules {
	struct git *g;
	const char *root;
};

static void
on_link(void *arg, const char *name, int is_link)
{
	struct submodules *m = arg;
	char *path, *real;

	if (!is_link || !*name)
		return;
	if (m->g->links++ >= REPOSITORIES_MAX)
		return; /* and so told at the end */
	path = path_join(m->root, name);
	real = path_follow(path, NULL, NULL);
	strv_push(&m->g->v->more, "--known-link");
	strv_push(&m->g->v->more, path);
	if (!real)
		cover_name(m->g, path, ".git"); /* to be reported */
	else if (path_within(real, m->root) && strcmp(real, m->root) != 0)
		cover_tree(m->g, real);
	free(real);
}

/*
 * What the index links to now is covered; pen-ns reads it again at the end,
 * for what it links to then.
 */
static void
cover_links(struct git *g, const char *dir, const char *tree)
{
	struct submodules m = {g, tree};
	size_t n;
	char *text;

	if (!view_writable(g->v, tree) || !view_writable(g->v, dir))
		return;
	text = read_file(dir, "index", INDEX_MAX, &n);
	if (text)
		gitindex_each((uint8_t *)text, n, on_link, &m);
	free(text);
	strv_push(&g->v->more, "--report-links");
	strv_push(&g->v->more, mem_copy(dir));
	strv_push(&g->v->more, mem_copy(tree));
}

/* What a worktree has of its own: gitrepository-layout(5). */
static void
cover_worktree(struct git *g, const char *dir, int depth)
{
	char *dotgit;

	(void)depth;
	if (!is_new(&g->seen, dir))
		return;
	cover_name(g, dir, "commondir");
	cover_name(g, dir, "config.worktree");
	report_name(g, dir, "rebase-merge/git-rebase-todo");
	dotgit = read_link(dir, "gitdir", "");
	if (dotgit) {
		cover_path(g->v, dotgit);
		cover_links(g, dir, path_parent(dotgit));
	}
	free(dotgit);
}

static void
cover_below(struct git *g, const char *dir)
{
	char *modules = path_join(dir, "modules");
	char *trees = path_join(dir, "worktrees");

	report_new(g, modules);
	report_new(g, trees);
	if (each_directory(g, modules, cover_module, MODULES_DEPTH)) {
		err_warn("too many submodules: '%s' is read-only", modules);
		cover_path(g->v, modules);
	}
	if (each_directory(g, trees, cover_worktree, 1))
		err_warn("too many worktrees: not all of '%s' is covered",
			 trees);
	free(modules);
	free(trees);
}

/* Everything in dir that makes git start a program; tree is what it is of. */
static void
cover_repository(struct git *g, const char *dir, const char *tree)
{
	char *common;

	if (!is_new(&g->seen, dir))
		return;
	for (size_t i = 0; i < sizeof(git_files) / sizeof(*git_files); i++)
		cover_name(g, dir, git_files[i]);
	if (settings_on(g->s, SET_PROTECT_GIT_CONFIG))
		cover_name(g, dir, "config");
	else
		report_name(g, dir, "config");
	report_name(g, dir, "rebase-merge/git-rebase-todo");
	gitconf_hooks(g->v, path_join(dir, "hooks"));
	gitconf_cover(g->v, g->home, path_join(dir, "config"), tree);
	gitconf_cover(g->v, g->home, path_join(dir, "config.worktree"), tree);
	cover_below(g, dir);
	cover_links(g, dir, tree);
	common = read_link(dir, "commondir", "");
	if (common)
		cover_repository(g, common, tree);
	free(common);
}

/* The directory that a .git file leads to, of a worktree or of a submodule. */
static void
cover_gitfile(struct git *g, const char *root)
{
	char *dir = read_link(root, ".git", "gitdir: "), *common;

	if (!dir)
		return;
	common = read_link(dir, "commondir", "");
	if (common) {
		cover_worktree(g, dir, 1);
		cover_repository(g, common, root);
	} else {
		cover_repository(g, dir, root);
	}
	free(dir);
	free(common);
}

/*
 * A directory without .git is a repository itself if it holds HEAD, objects
 * and refs: git status obeys its config then.
 */
static void
cover_bare(struct git *g, const char *root)
{
	char *head = path_join(root, "HEAD");
	struct stat st;

	if (lstat(head, &st) == 0)
		cover_repository(g, root, root);
	else
		report_name(g, root, "HEAD");
	free(head);
}

static void
on_submodule(void *arg, const struct gitfile_variable *var)
{
	struct submodules *m = arg;
	char *real;

	if (strcmp(var->section, "submodule") != 0 || !var->value ||
	    strcmp(var->name, "path") != 0)
		return;
	real = git_resolve(m->root, var->value);
	if (real && path_within(real, m->root) && strcmp(real, m->root) != 0)
		cover_tree(m->g, real);
	free(real);
}

/* Submodules as .gitmodules has them: one may have its .git in its tree. */
static void
cover_submodules(struct git *g, const char *root)
{
	char *text = git_read(root, ".gitmodules");
	struct submodules m = {g, root};

	if (text)
		gitfile_each(text, on_submodule, &m);
	if (g->trees.n >= REPOSITORIES_MAX)
		err_warn("too many submodules: not all of '%s' is covered",
			 root);
	free(text);
}

/* .git as a link: it may lead to a git directory, or to a .git file. */
static void
cover_gitlink(struct git *g, const char *root, const char *git)
{
	char *real = path_follow(git, NULL, NULL);
	struct stat st;

	if (real && lstat(real, &st) == 0 && S_ISDIR(st.st_mode)) {
		report_name(g, root, ".git");
		cover_repository(g, real, root);
	} else {
		cover_path(g->v, git);
	}
	free(real);
}

static void
cover_tree(struct git *g, const char *root)
{
	char *git = path_join(root, ".git");
	struct stat st;

	if (!is_new(&g->trees, root))
		return;
	if (lstat(git, &st) < 0) {
		cover_path(g->v, git); /* to be reported */
		cover_bare(g, root);
	} else if (S_ISDIR(st.st_mode)) {
		cover_repository(g, git, root);
	} else if (S_ISLNK(st.st_mode)) {
		cover_gitlink(g, root, git);
	} else {
		cover_path(g->v, git);
		cover_gitfile(g, root);
	}
	cover_submodules(g, root);
	free(git);
}

void
git_cover(const struct settings *s, const char *home, struct view *v,
	  const char *root)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	struct git g = {.s = s, .home = home, .v = v};
	char *own = xdg && *xdg == '/' ? path_join(xdg, "git/config")
				       : path_join(home, ".config/git/config");

	cover_tree(&g, root);
	/* the user's own configuration may name files of any tree */
	gitconf_cover(v, home, path_join(home, ".gitconfig"), root);
	gitconf_cover(v, home, own, root);
	free(own);
}
