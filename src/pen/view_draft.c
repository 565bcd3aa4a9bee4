#include "pen/view_draft.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/view_open.h"

static void
add_draft(struct view *v, const struct view_bind *root,
	  const struct view_draft *d)
{
	struct view_draft *new;
	int is_root = strcmp(d->src, root->src) == 0;

	v->drafts = mem_room(v->drafts, v->drafts_n, sizeof(*v->drafts));
	new = &v->drafts[v->drafts_n++];
	*new = *d;
	new->src = mem_copy(d->src);
	new->dest = mem_copy(d->dest);
	/* a file that is state is in a directory that is not */
	new->tree = is_root ? path_parent(root->src) : mem_copy(root->src);
}

/* Adds d wherever its src is shown writable. */
static void
add_everywhere(struct view *v, struct view_draft *d)
{
	for (size_t i = 0, n = v->n; i < n; i++) {
		const struct view_bind *b = &v->binds[i];

		if (b->pin || b->over || b->mode != VIEW_RW ||
		    !path_within(d->src, b->src))
			continue;
		d->dest = mem_join(b->dest, d->src + strlen(b->src));
		if (view_around(v, d->dest) == b)
			add_draft(v, b, d);
		free(d->dest);
	}
}

int
view_draft(struct view *v, enum view_kind kind, const char *path,
	   const char *by, const char *merge)
{
	struct view_draft d = {.kind = kind, .by = by, .merge = merge};
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	d.src = path_follow(path, NULL, NULL);
	if (!d.src || lstat(d.src, &st) < 0 ||
	    !(S_ISDIR(st.st_mode) || S_ISREG(st.st_mode))) {
		free(d.src);
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		d.kind = VIEW_DIR;
	else if (kind == VIEW_DIR)
		d.kind = VIEW_REPLACED;
	add_everywhere(v, &d);
	free(d.src);
	return 1;
}

void
view_replace(struct view *v, const char *path, const char *kept)
{
	struct view_draft d = {.kind = VIEW_REPLACED, .kept = kept};
	struct stat st;

	d.src = path_follow(path, NULL, NULL);
	if (d.src && lstat(d.src, &st) == 0 && S_ISREG(st.st_mode))
		add_everywhere(v, &d);
	free(d.src);
}

void
view_plan_draft(struct view *v, enum view_kind kind, const char *path)
{
	struct view_draft d = {.kind = kind};

	d.src = path_settle(path, NULL, NULL);
	if (d.src)
		add_everywhere(v, &d);
	free(d.src);
}

static void
add_missing(struct view *v, const char *option, const char *path)
{
	char *real = path_settle(path, NULL, NULL);

	if (real && view_writable(v, real) && !view_is_over(v, real)) {
		strv_push(&v->watch, option);
		strv_push(&v->watch, real);
	} else {
		free(real);
	}
}

void
view_forbid(struct view *v, const char *path)
{
	add_missing(v, "--forbid", path);
}

void
view_notice(struct view *v, const char *path)
{
	add_missing(v, "--notice", path);
}

void
view_obeyed(struct view *v, const char *path, const char *by)
{
	char *real = path_settle(path, NULL, NULL);

	if (real && view_writable(v, real) && !view_is_over(v, real)) {
		strv_push(&v->obeyed, real);
		strv_push(&v->obeyed_by, by);
	} else {
		free(real);
	}
}
