#include "path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"

/* MAXSYMLINKS of the kernel */
#define LINKS_MAX 40

int
path_within(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (strcmp(dir, "/") == 0)
		return 1;
	return strncmp(path, dir, n) == 0 &&
	       (path[n] == '/' || path[n] == '\0');
}

int
path_in_system(const char *path)
{
	/* What --system binds: pen-ns(1). */
	static const char *const trees[] = {
		"/usr",	  "/bin",   "/sbin", "/lib", "/lib32",
		"/lib64", "/libx32", "/etc",  "/opt", "/nix/store",
		"/run/current-system", "/run/wrappers"};

	for (size_t i = 0; i < sizeof(trees) / sizeof(*trees); i++)
		if (path_within(path, trees[i]))
			return 1;
	return 0;
}

char *
path_expand(const char *path, const char *home)
{
	if (*path == '~')
		return mem_printf("%s%s", home, path + 1);
	return mem_copy(path);
}

char *
path_join(const char *dir, const char *name)
{
	return mem_printf("%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name);
}

char *
path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? mem_copy("/")
			     : mem_printf("%.*s", (int)(slash - path), path);
}

/* Takes one step from *cur over name.  1: a link, whose text is in target. */
static int
step(char **cur, const char *name, char target[PATH_MAX])
{
	char *next;
	ssize_t n;

	if (strcmp(name, ".") == 0)
		return 0;
	next = strcmp(name, "..") == 0 ? path_parent(*cur)
				       : path_join(*cur, name);
	n = readlink(next, target, PATH_MAX - 1);
	if (n < 0 && errno != EINVAL) {
		free(next);
		return -1;
	}
	if (n >= 0) {
		target[n] = '\0';
		free(next);
		return 1;
	}
	free(*cur);
	*cur = next;
	return 0;
}

char *
path_follow(const char *path, path_link_fn *fn, void *arg)
{
	char *cur = mem_copy("/"), *todo = mem_copy(path), *rest = todo;
	char target[PATH_MAX];
	int links = 0;

	while (*(rest += strspn(rest, "/"))) {
		size_t n = strcspn(rest, "/");
		char *name = mem_printf("%.*s", (int)n, rest), *link;
		int r = step(&cur, name, target);

		rest += n;
		if (r > 0 && ++links > LINKS_MAX) {
			errno = ELOOP;
			r = -1;
		}
		if (r > 0) {
			link = path_join(cur, name);
			if (fn)
				fn(arg, link, target);
			free(link);
			link = mem_printf("%s%s", target, rest);
			free(todo);
			rest = todo = link;
			if (*target == '/')
				memcpy(cur, "/", 2);
		}
		free(name);
		if (r < 0) {
			free(cur);
			cur = NULL;
			break;
		}
	}
	free(todo);
	return cur;
}
