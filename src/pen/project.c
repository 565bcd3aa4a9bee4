#include "project.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "git.h"
#include "gitfile.h"
#include "lib/err.h"
#include "path.h"

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
forbidden(const struct project *p, const char *dir)
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
 * somebody else's (git's own safe.directory, CVE-2022-24765).
 */
static char *
find_repository(const struct project *p, const char *dir)
{
	char *at = mem_copy(dir), *up;
	struct stat st;

	for (; !path_within(p->home, at); at = up) {
		char *git = path_join(at, ".git");

		if (lstat(at, &st) < 0 || st.st_uid != geteuid())
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
	char *text = git_read(dir, name), *line, *real = NULL;
	int same;

	line = text ? gitfile_line(text, "") : NULL;
	real = line ? git_resolve(dir, line) : NULL;
	same = real && strcmp(real, want) == 0;
	free(text);
	free(line);
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
	char *text = git_read(gitdir, "config"), *tree, *real;

	tree = text ? gitfile_value(text, "core", "worktree") : NULL;
	real = tree ? git_resolve(gitdir, tree) : NULL;
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

/* The .git file of a worktree or a submodule. */
static void
find_common(struct project *p)
{
	char *text = git_read(p->root, ".git"), *line, *gitdir = NULL;
	char *common = NULL;

	line = text ? gitfile_line(text, "gitdir: ") : NULL;
	gitdir = line ? git_resolve(p->root, line) : NULL;
	if (gitdir) {
		common = worktree_common(p->root, gitdir);
		if (!common)
			common = submodule_common(p->root, gitdir);
	}
	if (gitdir && path_within(gitdir, p->root) &&
	    (common ? path_within(common, p->root) : is_git_directory(gitdir)))
		return; /* all of it is there */
	if (!common || !is_git_directory(common) || forbidden(p, common) ||
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
		find_common(p);
		return;
	}
	real = S_ISLNK(st.st_mode) ? git_resolve(p->root, git) : NULL;
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
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
			       .resolve = RESOLVE_NO_SYMLINKS};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, root, &how, sizeof(how));

	if (fd < 0 && errno == ENOSYS)
		die(ERR_TOOL, "pen needs Linux 5.12 or newer");
	if (fd < 0)
		die(ERR_TOOL, "cannot open the project '%s': %m", root);
	return fd;
}

void
project_find(struct project *p, const char *given)
{
	char cwd[PATH_MAX], *root, *why;

	/* the kernel's answer: the directory itself, by whatever way */
	if (!getcwd(cwd, sizeof(cwd)) || *cwd != '/')
		die(ERR_TOOL, "cannot tell the current directory: %m");
	root = given ? path_follow(given, NULL, NULL) : find_repository(p, cwd);
	if (given && !root)
		die(ERR_TOOL, "cannot find the project '%s': %m", given);
	p->root = root ? root : mem_copy(cwd);
	p->cwd = path_within(cwd, p->root) ? mem_copy(cwd) : p->root;
	why = forbidden(p, p->root);
	if (why)
		die_hint("change to the project's directory, or name it with "
			 "--project",
			 "'%s' cannot be the project: %s", p->root, why);
	p->root_fd = open_root(p->root);
	find_git(p);
}
