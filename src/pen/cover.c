#include "pen/cover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen/draft.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/view_draft.h"
#include "pen/view_protect.h"

/* Covers what path was found to lead to, wherever that is shown. */
static void
cover_target(struct view *v, const char *path, const char *real)
{
	for (size_t i = 0; i < v->trees.n; i++)
		if (path_within(v->trees.v[i], real)) {
			err_warn("'%s' leads to '%s', which has to be "
				 "writable: it is not covered",
				 path, real);
			return;
		}
	view_protect(v, VIEW_RO, real);
}

/*
 * Makes path (absolute; it may hold "..") read-only where it is below
 * something writable, and what it leads to by links as well.
 */
static void
cover_path(struct view *v, const char *path)
{
	char *plain = path_expand(path, ""), *real;
	enum view_found found = VIEW_LINK;

	if (strcmp(plain, path) == 0)
		found = view_protect(v, VIEW_RO, path);
	if (found == VIEW_LINK) {
		real = path_settle(path, NULL, NULL);
		if (real)
			cover_target(v, path, real);
		free(real);
	}
	free(plain);
}

/* Whether an item of rw is just that path: whoever wrote it meant it. */
static int
is_given(const struct settings *s, const struct project *p, const char *path)
{
	const struct settings_list *rw = &s->list[SET_RW];
	int given = 0;

	for (size_t i = 0; !given && i < rw->n; i++) {
		const char *text = rw->v[i].text;
		char *item = draft_place(p, p->root, text + (*text == '-'));

		given = strcmp(item, path) == 0;
		free(item);
	}
	return given;
}

/*
 * In a section for many projects, most of them lack what a relative path names.
 */
static void
check_mask(const struct settings_item *item, const char *path)
{
	const char *text = item->text;
	struct stat st;

	if (lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
		return;
	if (text[strcspn(text, "*?[")])
		err_warn("mask '%s' (%s) hides nothing: it is a path, not a "
			 "pattern",
			 text, item->from);
	else if (*text == '/' || *text == '~')
		err_warn("mask '%s' (%s) hides nothing: there is no such file",
			 text, item->from);
}

static void
cover_protected(const struct settings *s, const struct project *p,
		struct view *v)
{
	const struct settings_list *l = &s->list[SET_PROTECT];

	for (size_t i = 0; i < l->n; i++) {
		const char *text = l->v[i].text;
		char *path = draft_place(p, p->root,
					 text + (*text == '+')); /* files.c */

		if (!path_within(p->root, path) && !is_given(s, p, path))
			cover_path(v, path);
		view_obeyed(v, path, "a tool");
		free(path);
	}
}

/* Where path leads inside, by the links that each view has (compose.c). */
static char *
place_inside(const char *path)
{
	static const char var[] = "/var";

	return mem_copy(path_within(path, "/var/tmp") ||
				path_within(path, "/var/run")
			    ? path + strlen(var)
			    : path);
}

/* Whether a directory of the host's is writable at dir, above or below it. */
static int
is_shared(const struct view *v, const char *dir)
{
	struct stat st;

	for (size_t i = 0; i < v->n; i++) {
		const struct view_bind *b = &v->binds[i];
		char *dest = place_inside(b->dest);
		int near = path_within(dest, dir) || path_within(dir, dest);

		free(dest);
		if (b->mode == VIEW_RW && near &&
		    (b->fd < 0 || fstat(b->fd, &st) < 0 || S_ISDIR(st.st_mode)))
			return 1;
	}
	return 0;
}

static void
allow_sockets(struct view *v, const char *dir)
{
	if (is_shared(v, dir))
		return;
	strv_push(&v->more, "--socket-dir");
	strv_push(&v->more, dir);
}

/*
 * By a socket where another run can write, now or later, that is handed
 * descriptors of this one's, such as the terminal, and keeps them.
 */
static void
cover_sockets(const struct project *p, struct view *v)
{
	static const char *const own[] = {"/run/pen", "/run", "/tmp",
					  "/dev/shm"};
	/* gpg(1) makes its own there, or in its directory */
	const char *const dir[] = {
	    "--perms", "0700", "--dir",
	    mem_printf("/run/user/%u", (unsigned)geteuid())};

	for (size_t i = 0; i < sizeof(dir) / sizeof(*dir); i++)
		strv_push(&v->more, dir[i]);
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		allow_sockets(v, own[i]);
	allow_sockets(v, p->home);
	for (size_t i = 0; i < v->n; i++)
		if (v->binds[i].mode == VIEW_TMPFS)
			allow_sockets(v, v->binds[i].dest);
}

void
cover(const struct settings *s, const struct project *p, struct view *v)
{
	const struct settings_list *mask = &s->list[SET_MASK];
	const struct settings_list *tmpfs = &s->list[SET_TMPFS];

	for (size_t i = 0; i < mask->n; i++) {
		char *path = draft_place(p, p->root, mask->v[i].text);

		check_mask(&mask->v[i], path);
		view_protect(v, VIEW_MASK, path);
		free(path);
	}
	for (size_t i = 0; i < tmpfs->n; i++) {
		char *path = draft_place(p, p->root, tmpfs->v[i].text);

		view_protect(v, VIEW_TMPFS, path);
		free(path);
	}
	cover_protected(s, p, v);
	/* who can read it can lock it, and pen-key would wait */
	view_protect(v, VIEW_MASK, p->budget);
	/* pen run from its own source tree: the next pen must still be pen */
	for (size_t i = 0; i < p->programs.n; i++)
		view_protect(v, VIEW_RO, p->programs.v[i]);
	/* mounts inside need what Landlock then refuses */
	if (settings_on(s, SET_SOCKETS))
		err_warn("sockets = true: what runs inside can hand the "
			 "terminal to another run that writes to the same "
			 "directory");
	else if (!settings_on(s, SET_NESTING))
		cover_sockets(p, v);
}
