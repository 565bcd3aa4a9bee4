#include "pen/git.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen/gitconf.h"
#include "pen/gitdata.h"
#include "pen/gitdir.h"
#include "pen/gitfile.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/view_draft.h"
#include "pen/view_open.h"

/* A submodule may be called a/b/c; nobody has this many. */
#define MODULES_DEPTH 4
#define REPOSITORIES_MAX 1024
#define ENTRIES_MAX 8192

/* Trees for which the user's own configuration is read again. */
#define OWN_MAX 8

/*
 * What git executes or obeys in a git directory, gitrepository-layout(5), and
 * how git writes it.  The directories are made where they are missing: what is
 * not there cannot be mounted on.
 */
static const struct {
	const char *name;
	enum view_kind kind;
	const char *merge;
	int made;
} git_files[] = {
    {"hooks", VIEW_DIR, "none", 1},
    {"info", VIEW_DIR, "none", 1},
    {"remotes", VIEW_DIR, "none", 0},
    {"branches", VIEW_DIR, "none", 0},
    {"config", VIEW_REPLACED, "gitconfig", 0},
    {"config.worktree", VIEW_REPLACED, "gitconfig", 0},
    {"commondir", VIEW_COPY, "none", 0},
};

struct git {
	const char *home;
	struct view *v;
	int make;		 /* what is missing may be made */
	struct strv seen, trees; /* git directories, and trees */
	size_t entries;		 /* of directories that were looked through */
};

static void draft_tree(struct git *g, const char *root);
static void draft_repository(struct git *g, const char *dir, const char *tree);

void
git_notice(struct view *v, const char *dir)
{
	char *git = path_join(dir, ".git"), *head = path_join(dir, "HEAD");

	view_notice(v, git);
	view_notice(v, head);
	free(git);
	free(head);
}

static void
draft_name(struct git *g, enum view_kind kind, const char *dir,
	   const char *name, const char *merge)
{
	char *path = path_join(dir, name);

	view_draft(g->v, kind, path, "git", merge);
	free(path);
}

/* Whether dir is new in seen, and not one too many; then it is noted. */
static int
is_new(struct strv *seen, const char *dir)
{
	for (size_t i = seen->n; i > 0; i--)
		if (strcmp(seen->v[i - 1], dir) == 0)
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

/* A git directory below modules, or a directory on the way to some. */
static void
draft_module(struct git *g, const char *dir, int depth)
{
	char *text = gitdir_read(dir, "config"), *tree, *real;
	struct stat st;
	char *head = path_join(dir, "HEAD");
	int is_git = lstat(head, &st) == 0;

	free(head);
	if (!is_git && depth > 1) {
		each_directory(g, dir, draft_module, depth - 1);
	} else if (is_git) {
		tree = text ? gitfile_value(text, "core", "worktree") : NULL;
		real = tree ? gitdir_resolve(dir, tree) : NULL;
		draft_repository(g, dir, real ? real : dir);
		if (real)
			draft_tree(g, real);
		free(tree);
		free(real);
	}
	free(text);
}

/*
 * git obeys config where there is none, and config.worktree where the extension
 * says so: an empty one is harmless, and then there is something to mount on.
 */
static void
make_empty(const char *dir, const char *name)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int file = fd < 0
		       ? -1
		       : openat(fd, name,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (file >= 0)
		close(file);
	if (fd >= 0)
		close(fd);
}

static void
make_worktree_config(const char *dir, const char *config)
{
	char *on = config
		       ? gitfile_value(config, "extensions", "worktreeconfig")
		       : NULL;

	if (on && gitdata_is_true(on))
		make_empty(dir, "config.worktree");
	free(on);
}

static void
make_missing(const char *dir, const char *config)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	for (size_t i = 0; i < sizeof(git_files) / sizeof(*git_files); i++)
		if (fd >= 0 && git_files[i].made)
			mkdirat(fd, git_files[i].name, 0755);
	if (fd >= 0)
		close(fd);
	make_empty(dir, "config");
	make_worktree_config(dir, config);
}

/* What a worktree has of its own: gitrepository-layout(5). */
static void
draft_worktree(struct git *g, const char *dir, int depth)
{
	char *dotgit, *common = gitdir_follow(dir, "commondir", "");
	char *config = common ? gitdir_read(common, "config") : NULL;

	(void)depth;
	if (!is_new(&g->seen, dir) || !view_writable(g->v, dir))
		return;
	if (g->make)
		make_worktree_config(dir, config);
	draft_name(g, VIEW_COPY, dir, "commondir", "none");
	draft_name(g, VIEW_COPY, dir, "gitdir", "none");
	draft_name(g, VIEW_REPLACED, dir, "config.worktree", "gitconfig");
	dotgit = gitdir_follow(dir, "gitdir", "");
	if (dotgit)
		view_draft(g->v, VIEW_COPY, dotgit, "git", "none");
	free(dotgit);
	free(common);
	free(config);
}

static void
draft_below(struct git *g, const char *dir)
{
	char *modules = path_join(dir, "modules");
	char *trees = path_join(dir, "worktrees");

	if (each_directory(g, modules, draft_module, MODULES_DEPTH))
		err_warn("too many submodules: not all of '%s' is held back",
			 modules);
	if (each_directory(g, trees, draft_worktree, 1))
		err_warn("too many worktrees: not all of '%s' is held back",
			 trees);
	free(modules);
	free(trees);
}

/* Everything in dir that makes git start a program; tree is what it is of. */
static void
draft_repository(struct git *g, const char *dir, const char *tree)
{
	char *common, *config;

	if (!is_new(&g->seen, dir) || !view_writable(g->v, dir))
		return;
	config = gitdir_read(dir, "config");
	common = gitdir_follow(dir, "commondir", "");
	if (g->make)
		make_missing(dir, config);
	for (size_t i = 0; i < sizeof(git_files) / sizeof(*git_files); i++)
		draft_name(g, git_files[i].kind, dir, git_files[i].name,
			   git_files[i].merge);
	/* it would move all of these somewhere else */
	if (!common)
		view_forbid(g->v, path_join(dir, "commondir"));
	gitconf_hooks(g->v, path_join(dir, "hooks"));
	gitconf_draft(g->v, g->home, path_join(dir, "config"), tree);
	gitconf_draft(g->v, g->home, path_join(dir, "config.worktree"), tree);
	draft_below(g, dir);
	if (common)
		draft_repository(g, common, tree);
	free(common);
	free(config);
}

/* The directory that a .git file leads to, of a worktree or of a submodule. */
static void
draft_gitfile(struct git *g, const char *root)
{
	char *dir = gitdir_follow(root, ".git", "gitdir: "), *common;

	if (!dir)
		return;
	common = gitdir_follow(dir, "commondir", "");
	if (common) {
		draft_worktree(g, dir, 1);
		draft_repository(g, common, root);
	} else {
		draft_repository(g, dir, root);
	}
	free(dir);
	free(common);
}

/* Submodules as .gitmodules has them: one may have its .git in its tree. */
struct submodules {
	struct git *g;
	const char *root;
};

static void
on_submodule(void *arg, const struct gitfile_variable *var)
{
	struct submodules *m = arg;
	char *real;

	if (strcmp(var->section, "submodule") != 0 || !var->value ||
	    strcmp(var->name, "path") != 0)
		return;
	real = gitdir_resolve(m->root, var->value);
	if (real && path_within(real, m->root) && strcmp(real, m->root) != 0)
		draft_tree(m->g, real);
	free(real);
}

static void
draft_submodules(struct git *g, const char *root)
{
	char *text = gitdir_read(root, ".gitmodules");
	struct submodules m = {g, root};

	if (text)
		gitfile_each(text, on_submodule, &m);
	if (g->trees.n >= REPOSITORIES_MAX)
		err_warn("too many submodules: not all of '%s' is held back",
			 root);
	free(text);
}

/*
 * .git may be a directory, a file or a link.  A directory without one is a
 * repository itself if it holds HEAD, objects and refs: git obeys its config.
 */
static void
draft_tree(struct git *g, const char *root)
{
	char *git = path_join(root, ".git"), *head = path_join(root, "HEAD");
	char *real = path_follow(git, NULL, NULL);
	struct stat st;

	if (!is_new(&g->trees, root))
		return;
	if (real && lstat(real, &st) == 0 && S_ISDIR(st.st_mode)) {
		draft_repository(g, real, root);
	} else if (real) {
		view_draft(g->v, VIEW_COPY, git, "git", "none");
		draft_gitfile(g, root);
	} else if (lstat(head, &st) == 0) {
		draft_repository(g, root, root);
	} else {
		git_notice(g->v, root);
	}
	draft_submodules(g, root);
	free(real);
	free(head);
	free(git);
}

void
git_draft(const char *home, struct view *v, const struct strv *roots, int make)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	struct git g = {.home = home, .v = v, .make = make};
	char *own = xdg && *xdg == '/' ? path_join(xdg, "git/config")
				       : path_join(home, ".config/git/config");
	char *gitconfig = path_join(home, ".gitconfig");

	for (size_t i = 0; i < roots->n; i++)
		draft_tree(&g, roots->v[i]);
	/* the user's own configuration may name files of any tree */
	for (size_t i = 0; i < roots->n && i < OWN_MAX; i++) {
		gitconf_draft(v, home, gitconfig, roots->v[i]);
		gitconf_draft(v, home, own, roots->v[i]);
	}
	free(gitconfig);
	free(own);
}
