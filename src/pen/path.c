#include "pen/path.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/trees.h"

int
path_within(const char *path, const char *dir)
{
	const char *d = dir;

	/* not strncmp(3): a start asks this thousands of times */
	for (; *d && *d == *path; d++, path++)
		;
	return *d == '\0' &&
	       (*path == '/' || *path == '\0' || strcmp(dir, "/") == 0);
}

/* What name leads to, or NULL: a home directory is no tree of the system's. */
static char *
linked_tree(const char *name)
{
	char *real = realpath(name, NULL);
	char *home = getenv("HOME") ? realpath(getenv("HOME"), NULL) : NULL;

	if (real && home &&
	    (path_within(home, real) || path_within(real, home))) {
		free(real);
		real = NULL;
	}
	free(home);
	return real;
}

/* What /usr/local and /opt lead to where they are links. */
static int
in_linked_tree(const char *path)
{
	static const char *const names[] = {"/usr/local", "/opt"};
	static char *trees[2];
	static int known;

	for (size_t i = 0; !known && i < 2; i++)
		trees[i] = linked_tree(names[i]);
	known = 1;
	for (size_t i = 0; i < 2; i++)
		if (trees[i] && path_within(path, trees[i]))
			return 1;
	return 0;
}

int
path_in_system(const char *path)
{
	for (const char *const *tree = trees_system; *tree; tree++)
		if (path_within(path, *tree))
			return 1;
	return path_within(path, "/etc") || in_linked_tree(path);
}

/* Drops "." and "..", as text, and slashes that are too many. */
static void
remove_dots(char *path)
{
	char *to = path, *from = path;

	while (*from) {
		size_t n = (size_t)(strchrnul(from, '/') - from);

		if (n == 0) {
			from++;
			continue;
		}
		if (n == 2 && memcmp(from, "..", 2) == 0) {
			while (to > path && *--to != '/')
				;
		} else if (n != 1 || *from != '.') {
			*to++ = '/'; /* there was one at least */
			if (to != from)
				memmove(to, from, n);
			to += n;
		}
		from += n;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

char *
path_expand(const char *path, const char *home)
{
	char *full = *path == '~' ? mem_join(home, path + 1) : mem_copy(path);

	remove_dots(full);
	return full;
}

char *
path_join(const char *dir, const char *name)
{
	char *path = mem_alloc(strlen(dir) + strlen(name) + 2);
	char *end = stpcpy(path, strcmp(dir, "/") == 0 ? "" : dir);

	stpcpy(stpcpy(end, "/"), name);
	return path;
}

char *
path_parent(const char *path)
{
	const char *slash = strrchr(path, '/');

	return mem_part(path, slash == path ? 1 : (size_t)(slash - path));
}
