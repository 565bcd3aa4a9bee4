#include "pen-report/forgotten.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/err.h"
#include "lib/file.h"
#include "lib/mem.h"

#define DIRECTORY "/worktrees/"
#define FILE_NAME "/gitdir"

/* The name of the worktree whose gitdir path is, below all; or NULL. */
static char *
worktree_name(const char *all, const char *path)
{
	size_t n = strlen(all), end = strlen(FILE_NAME);
	const char *name = path + n;
	size_t len;

	if (strncmp(path, all, n) != 0)
		return NULL;
	len = strlen(name);
	if (len <= end || strcmp(name + len - end, FILE_NAME) != 0 ||
	    strcspn(name, "/") != len - end)
		return NULL;
	return mem_part(name, len - end);
}

/*
 * Where the worktree was, if it is not there: the caller's.  The run chose the
 * text; nothing is done with it but asking whether there is such a file.
 */
static char *
missing_directory(const char *common, const char *name)
{
	char *dir = mem_printf("%s" DIRECTORY "%s", common, name);
	char *file = mem_join(dir, FILE_NAME), *text, *path = NULL;
	struct stat st;
	size_t n = 0;

	text = file_read(file, O_NOFOLLOW, PATH_MAX, &n);
	if (text) {
		text[strcspn(text, "\n")] = '\0';
		path = *text == '/' ? mem_copy(text)
				    : mem_printf("%s/%s", dir, text);
	}
	if (path && (lstat(path, &st) == 0 || errno != ENOENT)) {
		free(path);
		path = NULL;
	}
	if (path && strlen(path) > 5 &&
	    strcmp(path + strlen(path) - 5, "/.git") == 0)
		path[strlen(path) - 5] = '\0';
	free(text);
	free(file);
	free(dir);
	return path;
}

void
forgotten_say(const struct account *a)
{
	char *dir, *all, seen[PATH_MAX];
	size_t n = 0;
	char *first = NULL;

	if (!a->m->common)
		return;
	dir = mem_join(a->m->common, DIRECTORY);
	all = account_shown(a->m, dir);
	for (size_t i = 0; i < a->n; i++) {
		const struct account_entry *e = &a->v[i];
		char *name = e->change != CHANGE_REMOVED
				 ? worktree_name(all, e->path)
				 : NULL;
		char *gone =
		    name ? missing_directory(a->m->common, name) : NULL;

		if (gone && n++ == 0)
			first = gone;
		else
			free(gone);
		free(name);
	}
	if (n > 0)
		err_warn("forgotten: the worktree '%s'%s, outside the project: "
			 "git has its branch, and git worktree prune removes "
			 "the rest",
			 err_visible(seen, sizeof(seen), first, strlen(first)),
			 n > 1 ? " and others" : "");
	free(first);
	free(all);
	free(dir);
}
