#include "pen/project.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/resolve.h"
#include "pen/gitdir.h"
#include "pen/gitfile.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/quote.h"
#include "pen/refuse.h"
#include "pen/view.h"
#include "pen/view_open.h"

/* The links on the way to the project. */
struct links {
	const struct project *project;
	char *found; /* the first one that a run may have made */
};

const char *
project_home(void)
{
	const char *home = getenv("HOME");
	char real[PATH_MAX];
	struct stat st;

	if (!home || *home != '/')
		die_hint("set HOME to your home directory",
			 "HOME is not an absolute path");
	if (!realpath(home, real) || stat(real, &st) < 0)
		die(ERR_TOOL, "cannot find HOME, '%s': %m", home);
	if (!S_ISDIR(st.st_mode) || strcmp(real, "/") == 0)
		die(ERR_TOOL, "HOME, '%s', is not a home directory", home);
	if (st.st_uid != geteuid())
		die_hint("set HOME to your own home directory (sudo -H does)",
			 "HOME, '%s', belongs to somebody else (uid %u)", home,
			 (unsigned)st.st_uid);
	return mem_copy(real);
}

/* Why dir is a place that an agent must not be given, or NULL. */
static char *
find_conflict(const struct project *p, const char *dir)
{
	if (strcmp(dir, "/") == 0)
		return mem_copy("it is the whole file system");
	if (strcmp(dir, p->home) == 0)
		return mem_copy("it is the home directory");
	if (path_within(p->home, dir))
		return mem_copy("the home directory is in it");
	for (size_t i = 0; i < p->own.n; i++)
		if (path_within(dir, p->own.v[i]) ||
		    path_within(p->own.v[i], dir))
			return mem_printf("pen keeps its own files in '%s'",
					  p->own.v[i]);
	for (size_t i = 0; i < p->programs.n; i++)
		if (path_within(dir, p->programs.v[i]))
			return mem_printf("pen runs from '%s'",
					  p->programs.v[i]);
	return NULL;
}

/*
 * The closest directory at or above dir that holds .git, as git looks for it:
 * never the home directory or what is above it, never past a directory of
 * somebody else's (git's own safe.directory, CVE-2022-24765) or one that all
 * users share.
 */
static char *
find_repository(const struct project *p, const char *dir)
{
	char *at = mem_copy(dir), *up;
	struct stat st;

	for (; !path_within(p->home, at); at = up) {
		char *git = path_join(at, ".git");

		if (lstat(at, &st) < 0 || st.st_uid != geteuid() ||
		    (st.st_mode & S_ISVTX))
			break;
		if (lstat(git, &st) == 0)
			return at;
		up = path_parent(at);
		free(git);
		free(at);
	}
	return NULL;
}

/* Whether the path in dir/name leads to want. */
static int
points_to(const char *dir, const char *name, const char *want)
{
	char *real = gitdir_follow(dir, name, "");
	int same = real && strcmp(real, want) == 0;

	free(real);
	return same;
}

/*
 * gitrepository-layout(5): a worktree's git directory is worktrees/NAME of the
 * common directory, its gitdir names the worktree's .git file and its
 * commondir the common directory.  Both are outside the project, where
 * whoever wrote the .git file could not (CVE-2026-55607).
 */
static char *
worktree_common(const char *root, const char *gitdir)
{
	char *trees = path_parent(gitdir), *common = path_parent(trees);
	char *dotgit = path_join(root, ".git");

	if (strcmp(strrchr(trees, '/'), "/worktrees") == 0 &&
	    points_to(gitdir, "gitdir", dotgit) &&
	    points_to(gitdir, "commondir", common))
		return common;
	return NULL;
}

/* A submodule's git directory names its work tree in core.worktree. */
static char *
submodule_common(const char *root, const char *gitdir)
{
	char *text = gitdir_read(gitdir, "config"), *tree, *real;

	tree = text ? gitfile_value(text, "core", "worktree") : NULL;
	real = tree ? gitdir_resolve(gitdir, tree) : NULL;
	if (real && strcmp(real, root) == 0)
		return mem_copy(gitdir);
	return NULL;
}

/* Whether dir is a git directory of the user's own. */
static int
is_git_directory(const char *dir)
{
	char *objects = path_join(dir, "objects");
	char *head = path_join(dir, "HEAD");
	struct stat st, st2;

	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && lstat(objects, &st2) == 0 &&
	       S_ISDIR(st2.st_mode) && lstat(head, &st2) == 0;
}

/* Whether no run may write to dir, a repository that a .git file points to. */
static int
is_refused(const struct project *p, const char *dir)
{
	int fd = path_open_plain(dir);
	char *why = fd < 0 ? mem_copy("it was moved") : find_conflict(p, dir);
	int refused;

	if (!why)
		why = refuse_reason(dir, fd, p->home);
	refused = why != NULL;
	if (fd >= 0)
		close(fd);
	free(why);
	return refused;
}

/* The .git file of a worktree or a submodule. */
static void
find_common_directory(struct project *p)
{
	char *text = gitdir_read(p->root, ".git"), *line, *gitdir = NULL;
	char *common = NULL;

	line = text ? gitfile_line(text, "gitdir: ") : NULL;
	gitdir = line ? gitdir_resolve(p->root, line) : NULL;
	if (gitdir) {
		common = worktree_common(p->root, gitdir);
		if (!common)
			common = submodule_common(p->root, gitdir);
	}
	if (gitdir && path_within(gitdir, p->root) &&
	    (common ? path_within(common, p->root) : is_git_directory(gitdir)))
		return; /* all of it is there */
	if (!common || !is_git_directory(common) || is_refused(p, common) ||
	    path_within(p->root, common)) {
		err_warn("'%s/.git' points to '%s', which is not its "
			 "repository: git will not work inside",
			 p->root, line ? line : "nothing");
		return;
	}
	p->common = common;
}

static void
find_git(struct project *p)
{
	char *git = path_join(p->root, ".git"), *real;
	struct stat st;

	if (lstat(git, &st) < 0 || S_ISDIR(st.st_mode))
		return;
	if (S_ISREG(st.st_mode)) {
		find_common_directory(p);
		return;
	}
	real = S_ISLNK(st.st_mode) ? gitdir_resolve(p->root, git) : NULL;
	if (!real || !path_within(real, p->root) || !is_git_directory(real))
		err_warn("'%s' is neither a directory nor a file: it is left "
			 "as it is",
			 git);
	free(real);
}

/*
 * Opens the directory of that name, which has no link in it any more: whoever
 * can write above it could have put one there since
 * (CVE-2024-42472, CVE-2026-39861).
 */
static int
open_root(const char *root)
{
	int fd = resolve_open(AT_FDCWD, root, O_PATH | O_DIRECTORY,
			      RESOLVE_NO_SYMLINKS);

	if (fd < 0 && errno == ENOSYS)
		die_hint(access("/run/pen/pen-filter", F_OK) == 0
			     ? "this is a pen: start it with --nested, and the "
			       "one inside with --offline"
			     : NULL,
			 "pen needs Linux 5.12 or newer, and openat2(2)");
	if (fd < 0)
		die(ERR_TOOL, "cannot open the project '%s': %m", root);
	return fd;
}

/*
 * Ends the process if the project is one of pen's own places, or, without
 * --project-anyway, if it is shared, the system's or where secrets are kept.
 * A bind mount may show it by another name than the one that is refused.
 */
static void
check_root(const struct project *p)
{
	char *other = refuse_other_name(p->root, p->home);
	char *why = find_conflict(p, p->root);

	if (!why && other)
		why = find_conflict(p, other);
	if (why)
		die_hint("change to the project's directory, or name it with "
			 "--project",
			 "'%s' cannot be the project: %s", p->root, why);
	why = refuse_reason(p->root, p->root_fd, p->home);
	if (!why && other)
		why = refuse_reason(other, p->root_fd, p->home);
	if (why && !p->anyway)
		die_hint(mem_printf("change to the project's directory, or "
				    "name it with --project; to use this one "
				    "all the same: --project-anyway %s",
				    quote_word(p->root)),
			 "'%s' cannot be the project: %s", p->root, why);
	if (why)
		err_warn("--project-anyway: '%s' is the project: %s", p->root,
			 why);
	free(other);
	free(why);
}

/* A symbolic link on the way to the project that a run may have made. */
static int
note_link(void *arg, const char *link, const char *target)
{
	struct links *l = arg;
	char *dir = path_parent(link);

	(void)target;
	if (!l->found && view_doubtful(&l->project->never, dir))
		l->found = mem_copy(link);
	free(dir);
	return 0;
}

/*
 * The way by which the shell came to the current directory.  PWD is not
 * trusted: it counts only if it leads there.
 */
static void
follow_shell(struct links *l, const char *cwd)
{
	const char *pwd = getenv("PWD");
	struct links way = {.project = l->project};
	char *real =
	    pwd && *pwd == '/' ? path_follow(pwd, note_link, &way) : NULL;

	if (real && strcmp(real, cwd) == 0 && !l->found)
		l->found = way.found;
	free(real);
}

void
project_find(struct project *p, const char *given)
{
	char cwd[PATH_MAX], *root;
	struct links links = {.project = p};

	/* the kernel's answer: the directory itself, by whatever way */
	if (!getcwd(cwd, sizeof(cwd)) || *cwd != '/')
		die(ERR_TOOL, "cannot tell the current directory: %m");
	root = given ? path_follow(given, note_link, &links)
		     : find_repository(p, cwd);
	if (given && !root)
		die(ERR_TOOL, "cannot find the project '%s': %m", given);
	p->root = root ? root : mem_copy(cwd);
	p->cwd = path_within(cwd, p->root) ? mem_copy(cwd) : p->root;
	p->root_fd = open_root(p->root);
	check_root(p);
	if (!p->by_name)
		follow_shell(&links, cwd);
	if (links.found)
		err_warn("the project is '%s': the link '%s' leads there, and "
			 "another run could have made it",
			 p->root, links.found);
	free(links.found);
	find_git(p);
}
