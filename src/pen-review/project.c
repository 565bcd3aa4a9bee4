#include "pen-review/project.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/projects.h"

const char *
project_below(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	while (n > 0 && dir[n - 1] == '/')
		n--;
	if (strncmp(dir, path, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return path + n + (path[n] == '/');
}

/* The nearest root around dir, or with exact dir itself. */
static char *
find_id(int projects, const char *dir, int exact, char **root)
{
	DIR *d = fdopendir(dup(projects));
	struct dirent *e;
	char *id = NULL;

	*root = NULL;
	while (d && (e = readdir(d))) {
		char *path = *e->d_name == '.'
				 ? NULL
				 : projects_root(projects, e->d_name);

		if (path && project_below(path, dir) &&
		    (!exact || strcmp(path, dir) == 0) &&
		    (!*root || strlen(path) > strlen(*root))) {
			free(*root);
			free(id);
			*root = path;
			id = mem_copy(e->d_name);
		} else {
			free(path);
		}
	}
	if (d)
		closedir(d);
	return id;
}

int
project_find(struct project *p, const char *dir)
{
	char *projects = projects_directory(), *id = NULL;
	char *real = realpath(dir ? dir : ".", NULL);
	const char *home = getenv("HOME");
	int fd;

	if (!projects)
		die(ERR_TOOL, "there is no place for drafts: set HOME");
	fd = open(projects, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*p = (struct project){.state = -1};
	if (!real && !dir)
		die(ERR_TOOL, "cannot find the current directory: %m");
	/* a project that was removed has drafts all the same */
	if (!real)
		real = mem_copy(dir);
	if (fd >= 0)
		id = find_id(fd, real, dir != NULL, &p->root);
	free(real);
	if (!id)
		return -1;
	p->home = home && *home == '/' ? realpath(home, NULL) : NULL;
	p->state_dir = mem_printf("%s/%s", projects, id);
	p->state = beneath_open(fd, id, O_RDONLY | O_DIRECTORY);
	beneath_scratch = p->state;
	p->host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (p->state < 0 || p->host < 0)
		die(ERR_TOOL, "cannot open '%s': %m", p->state_dir);
	close(fd);
	free(projects);
	free(id);
	return 0;
}

void
project_lock(const struct project *p)
{
	int fd = openat(p->state, "lock",
			O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		die(ERR_TOOL, "cannot open '%s/lock': %m", p->state_dir);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			die(ERR_TOOL, "cannot lock '%s': %m", p->state_dir);
}

char *
project_shown(const struct project *p, const char *path)
{
	const char *below = project_below(p->root, path);

	if (below)
		return mem_copy(*below ? below : ".");
	below = p->home ? project_below(p->home, path) : NULL;
	return below ? mem_printf("~/%s", below) : mem_copy(path);
}

char *
project_path(const struct project *p, const char *shown)
{
	if (*shown == '/')
		return mem_copy(shown);
	if (strncmp(shown, "~/", 2) == 0 && p->home)
		return mem_printf("%s/%s", p->home, shown + 2);
	while (strncmp(shown, "./", 2) == 0)
		shown += 2;
	return mem_printf("%s/%s", p->root, shown);
}
