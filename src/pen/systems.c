#include "pen/systems.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/trees.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/view_open.h"

#define BREW "/home/linuxbrew/.linuxbrew"

/* Links on a way that may be walked to its end, or not. */
struct way {
	const struct view *v;
	struct strv links, targets;
	int planted; /* a run can have made one of them */
};

static int
note_link(void *arg, const char *link, const char *target)
{
	struct way *w = arg;
	char *dir = path_parent(link);

	w->planted |= view_writable(w->v, dir);
	if (!path_in_system(link)) {
		strv_push(&w->links, mem_copy(link));
		strv_push(&w->targets, mem_copy(target));
	}
	free(dir);
	return 0;
}

/* Makes the links on the way to path again; into: if it ends in the system. */
static void
show_way(struct view *v, const char *path, int into)
{
	struct way w = {.v = v};
	char *real = path_follow(path, note_link, &w);

	if (real && !w.planted && (!into || path_in_system(real)))
		for (size_t i = 0; i < w.links.n; i++)
			view_link(v, w.links.v[i], w.targets.v[i]);
	for (size_t i = 0; i < w.links.n; i++) {
		free(w.links.v[i]);
		free(w.targets.v[i]);
	}
	free(w.links.v);
	free(w.targets.v);
	free(real);
}

/* Databases and their like are in var. */
static void
show_brew(struct view *v)
{
	struct stat st;

	if (stat(BREW, &st) < 0 || view_has(v, BREW) || view_writable(v, BREW))
		return;
	view_bind(v, VIEW_RO, BREW, BREW, -1);
	if (stat(BREW "/var", &st) == 0)
		view_bind(v, VIEW_MASK, BREW "/var", BREW "/var", -1);
}

void
systems_show(const struct project *p, struct view *v)
{
	const char *home = getenv("HOME"), *path = getenv("PATH"), *end;

	for (const char *const *link = trees_links; *link; link++) {
		char target[PATH_MAX];
		ssize_t n = readlink(*link, target, sizeof(target) - 1);

		if (n < 0)
			continue;
		target[n] = '\0';
		view_link(v, *link, target);
	}
	if (home && strcmp(home, p->home) != 0)
		show_way(v, home, 0);
	for (; path && *path; path = *end ? end + 1 : end) {
		char *dir;

		end = strchrnul(path, ':');
		dir = mem_part(path, (size_t)(end - path));
		if (path_within(dir, BREW))
			show_brew(v);
		else if (*dir == '/' && !view_has(v, dir))
			show_way(v, dir, 1);
		free(dir);
	}
}
