#include "pen-report/confine.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/err.h"
#include "lib/mem.h"

#define DEVICE_IOCTL (UINT64_C(1) << 15)

struct paths {
	struct landlock_path *v;
	size_t n;
};

static void
allow(struct paths *p, int dir, uint64_t rights)
{
	if (dir < 0)
		return;
	p->v = mem_room(p->v, p->n, sizeof(*p->v));
	p->v[p->n++] = (struct landlock_path){dir, rights};
}

static int
open_path(const char *path, int flags)
{
	return open(path, O_PATH | O_CLOEXEC | flags);
}

static int
is_in_tree(const struct manifest *m, const char *path)
{
	for (size_t i = 0; i < m->ntrees; i++)
		if (manifest_below(m->trees[i].path, path) &&
		    strcmp(m->trees[i].path, path) != 0)
			return 1;
	return 0;
}

/* A file is replaced in its directory, which is there or is not needed. */
static void
allow_draft(struct paths *p, const struct manifest *m, const char *path)
{
	char *dir;

	if (is_in_tree(m, path))
		return;
	dir = mem_part(path, (size_t)(strrchr(path, '/') - path));
	allow(p, open_path(dir, O_DIRECTORY), CONFINE_WRITING);
	free(dir);
}

/* Standard error, if it is a terminal, is opened once more to be written to. */
static void
allow_terminal(struct paths *p)
{
	struct stat st;

	if (fstat(STDERR_FILENO, &st) == 0 && S_ISCHR(st.st_mode))
		allow(p, open_path("/proc/self/fd/2", 0),
		      LANDLOCK_WRITE | LANDLOCK_READ | DEVICE_IOCTL);
}

void
confine_self(const struct manifest *m, int state, int layer)
{
	const struct rlimit none = {0, 0};
	struct paths p = {0};
	struct landlock reach = {.files = LANDLOCK_FILES,
				 .net = LANDLOCK_PORTS,
				 .scope = LANDLOCK_ABSTRACT | LANDLOCK_SIGNAL};

	allow(&p, open_path("/", O_DIRECTORY), CONFINE_READING);
	allow(&p, dup(state), CONFINE_WRITING);
	/* what is mounted nowhere any more is not below "/" */
	if (layer >= 0)
		allow(&p, dup(layer), CONFINE_READING);
	allow_terminal(&p);
	for (size_t i = 0; i < m->ntrees; i++)
		allow(&p, open_path(m->trees[i].path, O_DIRECTORY),
		      CONFINE_WRITING);
	for (size_t i = 0; i < m->ndrafts; i++)
		allow_draft(&p, m, m->drafts[i].path);
	reach.paths = p.v;
	reach.paths_n = p.n;
	setrlimit(RLIMIT_CORE, &none);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    landlock_restrict(&reach) < 0)
		die(ERR_TOOL, "cannot confine itself: Landlock: %m");
	for (size_t i = 0; i < p.n; i++)
		close(p.v[i].dir);
	free(p.v);
	confine_calls("the account");
}
