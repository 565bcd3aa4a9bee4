#include "pen/refuse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/places.h"

/* The directory that a row is relative to can be moved by a variable. */
static const struct {
	const char *prefix, *variable;
} bases[] = {{".config/", "XDG_CONFIG_HOME"},
	     {".local/share/", "XDG_DATA_HOME"},
	     {".cache/", "XDG_CACHE_HOME"}};

/* Where programs keep credentials if these are set. */
static const char *const variables[] = {
    "GNUPGHOME",	"PASSWORD_STORE_DIR", "DOCKER_CONFIG",
    "CLOUDSDK_CONFIG",	"AZURE_CONFIG_DIR",   "GH_CONFIG_DIR",
    "VAULT_CONFIG_PATH"};

static char *
kept_there(const char *kept, const char *path)
{
	return mem_printf("it is where %s are kept ('%s')", kept, path);
}

/* Whether dir is what pattern matches, or below it. */
static int
is_below(const char *dir, const char *pattern)
{
	return *dir == *pattern &&
	       fnmatch(pattern, dir, FNM_PATHNAME | FNM_LEADING_DIR) == 0;
}

/* Whether what pattern matches is below dir. */
static int
is_above(const char *dir, const char *pattern)
{
	char *copy, *slash;
	int above = 0;

	if (*dir != *pattern)
		return 0;
	copy = mem_copy(pattern);
	while (!above && (slash = strrchr(copy, '/')) && slash != copy) {
		*slash = '\0';
		above = fnmatch(copy, dir, FNM_PATHNAME) == 0;
	}
	free(copy);
	return above;
}

/* Whether path, which exists, is dir, or above or below it. */
static int
is_around(const char *dir, const char *path)
{
	char *real = path_follow(path, NULL, NULL);
	int around = real && (path_within(dir, real) || path_within(real, dir));

	free(real);
	return around;
}

/* Whether path, which exists, is dir or above it. */
static int
is_in(const char *dir, const char *path)
{
	char *real = path_follow(path, NULL, NULL);
	int in = real && path_within(dir, real);

	free(real);
	return in;
}

/*
 * Whether the row that path, which exists, is of refuses dir.  What is obeyed
 * and is in a repository of dotfiles is a draft or read-only there.
 */
static int
row_refuses(const struct place *p, const char *dir, const char *path)
{
	return places_is_obeyed(p) ? is_in(dir, path) : is_around(dir, path);
}

/*
 * The row that dir, a directory below base or base itself, is or is around, if
 * the row begins with prefix, which stands for base.
 */
static const struct place *
find_row(const char *dir, const char *base, const char *prefix)
{
	size_t n = strlen(prefix);
	const char *rel;

	if (!path_within(dir, base))
		return NULL;
	rel = dir + strlen(base);
	rel += *rel == '/';
	for (const struct place *p = places_home; p->path; p++)
		if (strncmp(p->path, prefix, n) == 0 &&
		    (is_below(rel, p->path + n) || is_above(rel, p->path + n)))
			return p;
	return NULL;
}

/* The same for a row that exists, by whatever links it leads there. */
static const struct place *
find_existing(const char *dir, const char *base, const char *prefix)
{
	size_t n = strlen(prefix);

	for (const struct place *p = places_home; p->path; p++) {
		char *path;
		int around;

		if (strncmp(p->path, prefix, n) != 0)
			continue;
		path = path_join(base, p->path + n);
		around = row_refuses(p, dir, path);
		free(path);
		if (around)
			return p;
	}
	return NULL;
}

/*
 * The row that leads to dir, or around it, by the symbolic link name in the
 * home directory: the link is the place or what that is in.
 */
static const struct place *
find_behind(const char *dir, const char *home, const char *name)
{
	size_t n = strlen(name);

	for (const struct place *p = places_home; p->path; p++) {
		char *path;
		int around;

		if (fnmatch(p->path, name, FNM_PATHNAME) != 0 &&
		    (strncmp(p->path, name, n) != 0 || p->path[n] != '/'))
			continue;
		path = path_join(home, p->path[n] == '/' ? p->path : name);
		around = row_refuses(p, dir, path);
		free(path);
		if (around)
			return p;
	}
	return NULL;
}

/* The row of which a symbolic link leads to dir: dotfiles in a repository. */
static const struct place *
find_linked(const char *dir, const char *home)
{
	static const char *const prefixes[] = {"", ".config/", ".local/",
					       ".local/share/", ".cache/"};
	const struct place *p = NULL;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		char *path = path_join(home, prefixes[i]);
		DIR *d = opendir(path);
		struct dirent *e;

		while (!p && d && (e = readdir(d))) {
			char *name = mem_join(prefixes[i], e->d_name);

			if (e->d_type == DT_LNK || e->d_type == DT_UNKNOWN)
				p = find_behind(dir, home, name);
			free(name);
		}
		if (d)
			closedir(d);
		free(path);
	}
	return p;
}

/* The same for the directories that variables name. */
static const struct place *
find_moved(const char *dir, const char *home)
{
	const struct place *p = NULL;

	for (size_t i = 0; !p && i < sizeof(bases) / sizeof(*bases); i++) {
		const char *base = getenv(bases[i].variable);
		char *usual = path_join(home, bases[i].prefix);
		char *real =
		    base && *base == '/' ? path_follow(base, NULL, NULL) : NULL;

		usual[strlen(usual) - 1] = '\0';
		if (real && strcmp(real, usual) != 0) {
			p = find_row(dir, real, bases[i].prefix);
			if (!p)
				p = find_existing(dir, real, bases[i].prefix);
		}
		free(usual);
		free(real);
	}
	return p;
}

static char *
judge_home(const char *dir, const char *home)
{
	const struct place *p = find_row(dir, home, "");

	if (!p)
		p = find_linked(dir, home);
	if (!p)
		p = find_moved(dir, home);
	if (p)
		return mem_printf("it is where %s are kept ('~/%s')", p->kept,
				  p->path);
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *path = getenv(variables[i]);

		if (path && *path == '/' && !path_within(home, path) &&
		    is_in(dir, path))
			return mem_printf("it is where credentials are kept "
					  "(%s is '%s')",
					  variables[i], path);
	}
	return NULL;
}

static char *
judge_system(const char *dir, const struct stat *st)
{
	for (const char *const *work = places_work; *work; work++)
		if (st->st_uid == geteuid() && is_below(dir, *work))
			return NULL;
	for (const struct place *p = places_system; p->path; p++)
		if (is_below(dir, p->path) || is_above(dir, p->path))
			return kept_there(p->kept, p->path);
	for (const struct place *p = places_shared; p->path; p++)
		if (fnmatch(p->path, dir, FNM_PATHNAME) == 0)
			return kept_there(p->kept, dir);
	return NULL;
}

/* The runtime directory, unless that is /tmp, or the home directory. */
static char *
judge_runtime(const char *dir, const char *home)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	struct stat st;

	if (runtime && *runtime == '/' && stat(runtime, &st) == 0 &&
	    !(st.st_mode & S_ISVTX) && !is_in(home, runtime) &&
	    is_around(dir, runtime))
		return kept_there("sockets of running programs", runtime);
	return NULL;
}

/* What only a home directory has: somebody else's, or a copy of one. */
static char *
judge_content(int fd)
{
	for (const struct place *p = places_marks; p->path; p++)
		if (faccessat(fd, p->path, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return mem_printf("%s are kept in it ('%s')", p->kept,
					  p->path);
	return NULL;
}

char *
refuse_reason(const char *dir, int fd, const char *home)
{
	struct stat st;
	char *why = NULL;

	if (fstat(fd, &st) < 0)
		return mem_printf("it cannot be looked at: %s",
				  strerror(errno));
	if (st.st_mode & S_ISVTX)
		return mem_copy("it is shared by all users (its sticky bit is "
				"set)");
	if ((st.st_mode & S_IWOTH) && st.st_uid != geteuid())
		return mem_printf("everybody can write to it, and it belongs "
				  "to somebody else (uid %u)",
				  (unsigned)st.st_uid);
	why = judge_home(dir, home);
	if (!why && !path_within(dir, home))
		why = judge_system(dir, &st);
	if (!why)
		why = judge_runtime(dir, home);
	return why ? why : judge_content(fd);
}

static int
is_same(const char *a, const struct stat *b)
{
	struct stat st;

	return lstat(a, &st) == 0 && st.st_dev == b->st_dev &&
	       st.st_ino == b->st_ino;
}

/* path, if what is at or above it is also found at dir: by that name. */
static char *
rename_above(const char *path, const char *dir)
{
	char *at = mem_copy(path), *up, *name = NULL;
	struct stat st;

	if (lstat(dir, &st) < 0)
		return NULL;
	while (!name && strcmp(at, "/") != 0) {
		if (is_same(at, &st))
			name = mem_join(dir, path + strlen(at));
		up = path_parent(at);
		free(at);
		at = up;
	}
	free(at);
	return name;
}

char *
refuse_other_name(const char *dir, const char *home)
{
	char *at = mem_copy(home), *up, *name = NULL;
	struct stat st;

	if (path_within(dir, home) || path_within(home, dir) ||
	    stat(dir, &st) < 0)
		return NULL;
	name = rename_above(dir, home);
	while (!name && strcmp(at, "/") != 0) {
		if (is_same(at, &st))
			name = mem_copy(at);
		up = path_parent(at);
		free(at);
		at = up;
	}
	free(at);
	return name;
}
