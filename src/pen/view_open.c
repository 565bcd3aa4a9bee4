#include "pen/view_open.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "pen/path.h"
#include "pen/path_follow.h"

void
view_writes(struct view *v, const char *path)
{
	strv_push(&v->trees, mem_copy(path));
}

int
view_writable(const struct view *v, const char *path)
{
	for (size_t i = 0; i < v->trees.n; i++)
		if (path_within(path, v->trees.v[i]))
			return 1;
	return 0;
}

struct opening {
	const struct view *v;
	const struct strv *never;
	char *planted;
};

int
view_doubtful(const struct strv *never, const char *dir)
{
	struct stat st;

	for (size_t i = 0; i < never->n; i++)
		if (path_within(never->v[i], dir))
			return 0;
	return stat(dir, &st) < 0 || st.st_uid != 0 || (st.st_mode & S_IWOTH);
}

static int
judge_link(void *arg, const char *link, const char *target)
{
	struct opening *o = arg;
	char *dir = path_parent(link);
	int writable = view_writable(o->v, dir) ||
		       (o->never && view_doubtful(o->never, dir));

	(void)target;
	free(dir);
	if (!writable)
		return 0;
	o->planted = mem_copy(link);
	errno = ELOOP;
	return -1;
}

int
view_open(const struct view *v, const char *path, int make,
	  const struct strv *never, char **real, char **planted)
{
	struct opening o = {v, never, NULL};
	int fd = path_open(path, make, judge_link, &o, real);

	*planted = o.planted;
	return fd;
}

int
view_is_over(const struct view *v, const char *path)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->binds[i].over && path_within(path, v->binds[i].src))
			return 1;
	return 0;
}
