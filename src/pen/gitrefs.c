#include "pen/gitrefs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/mem.h"
#include "lib/resolve.h"
#include "pen/gitdir.h"
#include "pen/gitfile.h"
#include "pen/path.h"
#include "pen/path_follow.h"

#define DEPTH_MAX 16
#define REFS_MAX 4096
#define REF_MAX 4096 /* as pen-report has it: what one reads, both read */

struct walk {
	gitrefs_fn *fn;
	void *arg;
	int left; /* that are still read */
};

/* SHA-1 or SHA-256, in hexadecimal. */
static int
is_id(const char *text, size_t n)
{
	return (n == 40 || n == 64) && strspn(text, "0123456789abcdef") >= n;
}

static int
is_branch(const char *ref)
{
	return strncmp(ref, "refs/heads/", 11) == 0 ||
	       strncmp(ref, "refs/remotes/", 13) == 0;
}

static char *
read_id(const char *dir, const char *name)
{
	char *path = path_join(dir, name);
	size_t n;
	char *text = file_read(path, O_NOFOLLOW, REF_MAX, &n);

	free(path);
	n = text ? strcspn(text, "\n") : 0;
	if (text && is_id(text, n)) {
		text[n] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

/* A line of packed-refs; "#" and "^" begin what is no name. */
static void
take_packed(char *line, gitrefs_fn *fn, void *arg)
{
	char *space = strchr(line, ' ');

	if (!space || !is_id(line, (size_t)(space - line)))
		return;
	*space = '\0';
	fn(arg, space + 1, line);
}

static void
each_packed(const char *common, gitrefs_fn *fn, void *arg)
{
	char *text = gitdir_read(common, "packed-refs"), *rest = text, *line;

	for (int n = 0; rest && n < REFS_MAX && (line = strsep(&rest, "\n"));
	     n++)
		take_packed(line, fn, arg);
	free(text);
}

static void
each_loose(struct walk *w, const char *common, const char *name, int depth)
{
	int top = open(common, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;
	DIR *d;
	struct dirent *e;

	/* no link that a run made leads to refs that pen-report does not see */
	fd = resolve_open(top, name, O_RDONLY | O_DIRECTORY,
			  RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (top >= 0)
		close(top);

	while (d && w->left > 0 && (e = readdir(d))) {
		char *ref = path_join(name, e->d_name), *id;

		w->left--;
		if (*e->d_name == '.')
			;
		else if (e->d_type == DT_DIR && depth > 0)
			each_loose(w, common, ref, depth - 1);
		else if (e->d_type == DT_REG && (id = read_id(common, ref))) {
			w->fn(w->arg, ref, id);
			free(id);
		}
		free(ref);
	}
	if (d)
		closedir(d);
}

void
gitrefs_each(const char *common, gitrefs_fn *fn, void *arg)
{
	struct walk w = {fn, arg, REFS_MAX};

	each_packed(common, fn, arg);
	each_loose(&w, common, "refs", DEPTH_MAX);
}

struct wanted {
	const char *ref;
	char *id;
};

static void
take_wanted(void *arg, const char *ref, const char *id)
{
	struct wanted *w = arg;

	if (!w->id && strcmp(ref, w->ref) == 0)
		w->id = mem_copy(id);
}

char *
gitrefs_head(const char *dir, const char *common)
{
	char *text = gitdir_read(dir, "HEAD");
	char *ref = text ? gitfile_line(text, "ref: ") : NULL;
	struct wanted w = {ref, NULL};

	free(text);
	if (!ref)
		return read_id(dir, "HEAD");
	if (is_branch(ref) && !strstr(ref, ".."))
		w.id = read_id(common, ref);
	if (!w.id)
		each_packed(common, take_wanted, &w);
	free(ref);
	return w.id;
}

static int
has_entry(const char *dir, const char *name, mode_t type)
{
	char *path = path_join(dir, name);
	struct stat st;
	int found =
	    stat(path, &st) == 0 && (!type || (st.st_mode & S_IFMT) == type);

	free(path);
	return found;
}

char *
gitrefs_directory(const char *root, char **common)
{
	char *git = path_join(root, ".git");
	char *dir = path_follow(git, NULL, NULL);
	struct stat st;

	if (dir && (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode))) {
		free(dir);
		dir = gitdir_follow(root, ".git", "gitdir: ");
	}
	free(git);
	*common = dir ? gitdir_follow(dir, "commondir", "") : NULL;
	if (dir && !*common)
		*common = mem_copy(dir);
	/* what git asks of one: without these, it looks for another */
	if (dir && has_entry(dir, "HEAD", 0) &&
	    has_entry(*common, "objects", S_IFDIR) &&
	    has_entry(*common, "refs", S_IFDIR))
		return dir;
	free(dir);
	return NULL;
}
