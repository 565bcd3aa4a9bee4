#include "pen/view.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pen/path.h"
#include "pen/path_follow.h"

struct view_bind *
view_find(const struct view *v, const char *dest)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->binds[i].dest, dest) == 0)
			return &v->binds[i];
	return NULL;
}

int
view_bind(struct view *v, enum view_mode mode, const char *src,
	  const char *dest, int fd)
{
	struct view_bind *b = view_find(v, dest);

	if (b && mode <= b->mode) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	if (b && b->fd >= 0)
		close(b->fd);
	if (!b) {
		v->binds = mem_room(v->binds, v->n, sizeof(*v->binds));
		b = &v->binds[v->n++];
	}
	*b = (struct view_bind){.mode = mode,
				.src = mem_copy(src),
				.dest = mem_copy(dest),
				.fd = fd};
	return 1;
}

void
view_overlay(struct view *v, const char *src, const char *dir)
{
	view_find(v, src)->over = dir;
}

void
view_link(struct view *v, const char *path, const char *target)
{
	for (size_t i = 0; i < v->links_n; i++)
		if (strcmp(v->links[i].path, path) == 0)
			return;
	v->links = mem_room(v->links, v->links_n, sizeof(*v->links));
	v->links[v->links_n++] =
	    (struct view_link){mem_copy(path), mem_copy(target)};
}

int
view_bind_shows(const struct view_bind *b, const char *src, const char *dest)
{
	char *path = mem_join(b->src, dest + strlen(b->dest));
	int same = strcmp(path, src) == 0;

	free(path);
	return same;
}

int
view_shows(const struct view *v, enum view_mode mode, const char *src,
	   const char *dest)
{
	const struct view_bind *b = view_around(v, dest);

	return b && b->mode == mode && view_bind_shows(b, src, dest);
}

int
view_has(const struct view *v, const char *path)
{
	char *real;
	int has = 0;

	if (path_in_system(path) || view_around(v, path))
		return 1;
	for (size_t i = 0; i < v->n; i++)
		if (path_within(v->binds[i].dest, path))
			return 1;
	for (size_t i = 0; !has && i < v->links_n; i++) {
		if (path_within(v->links[i].path, path))
			return 1;
		if (!path_within(path, v->links[i].path))
			continue;
		real = path_follow(path, NULL, NULL); /* through the link */
		has = real && strcmp(real, path) != 0 && view_has(v, real);
		free(real);
	}
	return has;
}

const struct view_bind *
view_around(const struct view *v, const char *dest)
{
	const struct view_bind *best = NULL;

	for (size_t i = 0; i < v->n; i++) {
		const struct view_bind *b = &v->binds[i];

		if (!b->pin && path_within(dest, b->dest) &&
		    (!best || strlen(b->dest) > strlen(best->dest)))
			best = b;
	}
	return best;
}
