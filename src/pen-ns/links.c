/*
 * --report-links: git status enters each repository that the index links to,
 * and obeys its configuration.  A run can link to one that it has made.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/gitindex.h"
#include "lib/mem.h"
#include "pen-ns/ns.h"

/* A million files have half of it. */
#define INDEX_MAX (256 << 20)

#define LINES_MAX 16

struct links {
	const struct ns *ns;
	const char *tree;
	int lines;
};

static int
is_known(const struct ns *ns, const char *path)
{
	for (size_t i = 0; i < ns->known.n; i++)
		if (strcmp(ns->known.v[i], path) == 0)
			return 1;
	return 0;
}

/*
 * Whether git would find a repository, or files that a sparse index lacks.
 * Where that cannot be told it would.
 */
static int
is_there(const char *path, int is_link)
{
	char *git = mem_printf("%s%s", path, is_link ? "/.git" : "");
	struct stat st;
	int there = lstat(git, &st) == 0 ||
		    (errno != ENOENT && errno != ENOTDIR && errno != ELOOP &&
		     errno != ENAMETOOLONG);

	free(git);
	return there;
}

static void
look(void *arg, const char *name, int is_link)
{
	struct links *l = arg;
	char *path;

	if (l->lines > LINES_MAX)
		return;
	path = mem_printf("%s/%s", l->tree, name);
	for (size_t n = strlen(path); n > 1 && path[n - 1] == '/';)
		path[--n] = '\0'; /* directories have one */
	if (is_there(path, is_link) && !is_known(l->ns, path)) {
		if (++l->lines > LINES_MAX)
			err_warn("there are more repositories in '%s'",
				 l->tree);
		else if (is_link)
			err_warn("'%s' is a repository that git enters from "
				 "'%s' now", path, l->tree);
		else
			err_warn("'%s' is there, and git's sparse index lacks "
				 "what is in it", path);
	}
	free(path);
}

/* The index of a git directory, or NULL with errno. */
static char *
read_index(const char *gitdir, size_t *n)
{
	char *path = mem_printf("%s/index", gitdir), *text = NULL;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	free(path);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		errno = EINVAL;
	else
		text = fd_read_all(fd, INDEX_MAX, n);
	close(fd);
	return text;
}

void
links_end(const struct ns *ns)
{
	for (size_t i = 0; i < ns->nlinks; i++) {
		struct links l = {ns, ns->links[i].tree, 0};
		const char *gitdir = ns->links[i].gitdir;
		enum gitindex got;
		size_t n;
		char *text = read_index(gitdir, &n);

		if (!text && errno == ENOENT)
			continue;
		got = text ? gitindex_each((uint8_t *)text, n, look, &l)
			   : GITINDEX_BAD;
		if (got == GITINDEX_SPLIT)
			err_warn("'%s/index' is split: the repositories that "
				 "it links to are not known", gitdir);
		else if (got == GITINDEX_BAD)
			err_warn("'%s/index' cannot be understood: the "
				 "repositories that it links to are not known",
				 gitdir);
		free(text);
	}
}
