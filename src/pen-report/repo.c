#include "pen-report/repo.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/mem.h"

/* More than any HEAD or .git file has. */
#define FILE_MAX 4096

static int
is_directory(int dir, const char *name)
{
	int fd = beneath_open(dir, name, O_PATH | O_DIRECTORY);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* As git's own: a branch's name, or a commit. */
static int
is_head(int dir)
{
	size_t n;
	char *text = beneath_read(dir, "HEAD", FILE_MAX, &n, NULL);
	int good;

	if (!text)
		return 0;
	good = strncmp(text, "ref: refs/", 10) == 0 ||
	       strspn(text, "0123456789abcdef") >= 40;
	free(text);
	return good;
}

/* Opens an absolute path, following no link on the way. */
static int
open_directory(const char *path)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = beneath_open(root, path, O_RDONLY | O_DIRECTORY);

	close(root);
	return fd;
}

/* Whether the directory has what git asks of a repository. */
static int
is_repository(const char *git_dir, const char *common)
{
	int own = open_directory(git_dir), shared = open_directory(common);
	int good = own >= 0 && shared >= 0 && is_head(own) &&
		   is_directory(shared, "objects") &&
		   is_directory(shared, "refs");

	if (own >= 0)
		close(own);
	if (shared >= 0)
		close(shared);
	return good;
}

static void
tell(struct account *a, const char *path, const char *note)
{
	struct account_entry *e =
	    account_add(a, path, CHANGE_CHANGED, ACCOUNT_OBEYED, "git");

	e->note = mem_copy(note);
	e->tell = 1;
}

void
repo_check(struct account *a)
{
	const struct manifest *m = a->m;

	if (!m->git_dir)
		return;
	if (!is_repository(m->git_dir, m->common ? m->common : m->git_dir))
		tell(a, m->git_dir,
		     "git no longer takes it for a repository, and looks for "
		     "another");
}
