#include "pen/list.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/chain.h"
#include "lib/similar.h"
#include "pen/conf.h"
#include "pen/group.h"

static const char *const kinds[] = {
    [SECTION_AGENT] = "agents",
    [SECTION_PROFILE] = "profiles",
    [SECTION_GROUP] = "groups",
};

/* A name that a shell or a terminal would take for something else is none. */
static int
is_printable(const char *name)
{
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return 0;
	return *name != '\0';
}

/* Pushes the names of the files NAME.conf in shipped/kind. */
static void
add_shipped(struct strv *names, const char *shipped, const char *kind)
{
	char *dir = mem_printf("%s/%s", shipped, kind);
	DIR *d = opendir(dir);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (n > 5 && strcmp(e->d_name + n - 5, ".conf") == 0)
			strv_push(names, mem_part(e->d_name, n - 5));
	}
	if (d)
		closedir(d);
	free(dir);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts, and leaves out what is there twice or cannot be printed. */
static void
sort_names(struct strv *names)
{
	size_t kept = 0;

	if (names->n == 0)
		return;
	qsort(names->v, names->n, sizeof(*names->v), compare_names);
	for (size_t i = 0; i < names->n; i++)
		if (is_printable(names->v[i]) &&
		    (kept == 0 || strcmp(names->v[kept - 1], names->v[i]) != 0))
			names->v[kept++] = names->v[i];
	names->n = kept;
	names->v[kept] = NULL;
}

/* Whether path is no link to pen-shim, which would run pen again. */
static int
is_no_shim(const char *path)
{
	char real[4096];

	return !realpath(path, real) || !strrchr(real, '/') ||
	       strcmp(strrchr(real, '/'), "/pen-shim") != 0;
}

/* Puts "NAME<tab>PATH" in the place of each agent that is on PATH. */
static void
keep_installed(struct strv *names)
{
	size_t kept = 0;

	for (size_t i = 0; i < names->n; i++) {
		char *path = strchr(names->v[i], '/')
				 ? NULL
				 : chain_find_good(names->v[i], is_no_shim);

		if (path)
			names->v[kept++] =
			    mem_printf("%s\t%s", names->v[i], path);
		free(path);
	}
	names->n = kept;
	if (names->v)
		names->v[kept] = NULL;
}

int
list_names(const char *what, const struct list_sources *from,
	   struct strv *names)
{
	int programs = strcmp(what, "programs") == 0;
	size_t k = programs ? SECTION_AGENT : 0;
	struct strv found = {0};

	while (k < sizeof(kinds) / sizeof(*kinds) &&
	       (!kinds[k] || (!programs && strcmp(kinds[k], what) != 0)))
		k++;
	if (k == sizeof(kinds) / sizeof(*kinds))
		return -1;
	if (k == SECTION_PROFILE)
		strv_push(&found, "default");
	else
		add_shipped(&found, from->shipped, kinds[k]);
	if (k == SECTION_GROUP)
		group_builtin(&found);
	conf_titles(conf_skim("/etc/pen/pen.conf"), (enum section_kind)k,
		    &found);
	if (from->user)
		conf_titles(conf_skim(from->user), (enum section_kind)k,
			    &found);
	for (size_t i = 0; i < found.n; i++)
		strv_push(names, k == SECTION_GROUP ? mem_join("@", found.v[i])
						    : found.v[i]);
	sort_names(names);
	if (programs)
		keep_installed(names);
	return 0;
}

const char *
list_similar(const struct strv *names, const char *word)
{
	const char *best = NULL;
	size_t least = 4;

	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->v[i], word) == 0)
			return NULL;
	word += *word == '@';
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->v[i] + (*names->v[i] == '@');
		size_t d = similar_distance(word, name, 3);

		if (similar_is(word, name) && (!best || d < least)) {
			best = names->v[i];
			least = d;
		}
	}
	return best;
}
