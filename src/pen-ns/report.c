/* --report: what a run did to paths that no mount could cover. */
#include <errno.h>
#include <string.h>

#include "lib/err.h"
#include "pen-ns/ns.h"

/* 1 and *st, or 0 where nothing is; -1 with errno. */
static int
look(const char *path, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	if (lstat(path, st) == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

void
report_start(struct ns *ns)
{
	for (size_t i = 0; i < ns->nreports; i++) {
		struct report *r = &ns->reports[i];

		r->exists = look(r->path, &r->st);
		if (r->exists < 0)
			die(ERR_TOOL, "cannot look at '%s': %m", r->path);
	}
}

static int
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* The status change time covers what sets the other times back. */
static int
same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size && a->st_mode == b->st_mode &&
	       same_time(&a->st_mtim, &b->st_mtim) &&
	       same_time(&a->st_ctim, &b->st_ctim);
}

void
report_end(const struct ns *ns)
{
	for (size_t i = 0; i < ns->nreports; i++) {
		const struct report *r = &ns->reports[i];
		struct stat now;
		int exists = look(r->path, &now);

		if (exists < 0)
			err_warn("cannot look at '%s' any more: %m", r->path);
		else if (exists && !r->exists)
			err_warn("'%s' was created during the run", r->path);
		else if (!exists && r->exists)
			err_warn("'%s' was removed during the run", r->path);
		else if (exists && !same(&now, &r->st))
			err_warn("'%s' was changed during the run", r->path);
	}
}
