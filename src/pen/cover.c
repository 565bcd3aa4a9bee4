#include "cover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "git.h"
#include "lib/err.h"
#include "path.h"

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

void
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

/* Where text, of mask, protect or report, is; relative ones are in root. */
static char *
place(const struct project *p, const char *root, const char *text)
{
	char *full = *text == '/' || *text == '~' ? mem_copy(text)
						  : path_join(root, text);
	char *path = path_expand(full, p->home);

	free(full);
	return path;
}

/* Whether an item of rw is just that path: whoever wrote it meant it. */
static int
is_given(const struct settings *s, const struct project *p, const char *path)
{
	const struct settings_list *rw = &s->list[SET_RW];
	int given = 0;

	for (size_t i = 0; !given && i < rw->n; i++) {
		const char *text = rw->v[i].text;
		char *item = place(p, p->root, text + (*text == '-'));

		given = strcmp(item, path) == 0;
		free(item);
	}
	return given;
}

/* PATH#KEY: what the members of a JSON file that are called KEY have. */
static void
report_key(struct view *v, char *path, char *key)
{
	*key = '\0';
	strv_push(&v->more, "--report-json");
	strv_push(&v->more, mem_copy(path));
	strv_push(&v->more, mem_copy(key + 1));
}

/* What protect and report say of a tree; the absolute ones with the first. */
static void
cover_lists(const struct settings *s, const struct project *p, struct view *v,
	    const char *root)
{
	const struct settings_list *l = s->list;

	for (int k = SET_PROTECT; k <= SET_REPORT; k++)
		for (size_t i = 0; i < l[k].n; i++) {
			const char *text = l[k].v[i].text;
			char *path, *key;

			if (k == SET_PROTECT)
				text += *text == '+'; /* made: files.c */
			if (root != p->root && strchr("/~", *text))
				continue;
			path = place(p, root, text);
			key = strrchr(path, '#');
			if (k == SET_REPORT && key && key[1])
				report_key(v, path, key);
			else if (k == SET_REPORT)
				view_report(v, path);
			else if (path_within(p->root, path))
				err_warn("the project is in '%s', which is "
					 "protected elsewhere", path);
			else if (!is_given(s, p, path))
				cover_path(v, path);
			free(path);
		}
}

/* A directory of rw or state that is a repository is covered as the project. */
static void
cover_others(const struct settings *s, const struct project *p, struct view *v)
{
	size_t n = v->n; /* what is added below is no tree */

	for (size_t i = 0; i < n; i++) {
		const struct view_bind *b = &v->binds[i];
		char *dest = mem_copy(b->dest), *git = path_join(dest, ".git");
		struct stat st;

		if (b->mode == VIEW_RW && !b->pin && strcmp(dest, p->root) &&
		    lstat(git, &st) == 0) {
			git_cover(s, p->home, v, dest);
			cover_lists(s, p, v, dest);
		}
		free(git);
		free(dest);
	}
}

/*
 * In a section for many projects, most of them lack what a relative path names;
 * that is reported if the run makes it.
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
			 "pattern", text, item->from);
	else if (*text == '/' || *text == '~')
		err_warn("mask '%s' (%s) hides nothing: there is no such file",
			 text, item->from);
}

void
cover(const struct settings *s, const struct project *p, struct view *v)
{
	const struct settings_list *mask = &s->list[SET_MASK];
	const struct settings_list *tmpfs = &s->list[SET_TMPFS];

	cover_others(s, p, v);
	git_cover(s, p->home, v, p->root);
	for (size_t i = 0; i < mask->n; i++) {
		char *path = place(p, p->root, mask->v[i].text);

		check_mask(&mask->v[i], path);
		view_protect(v, VIEW_MASK, path);
		free(path);
	}
	for (size_t i = 0; i < tmpfs->n; i++) {
		char *path = place(p, p->root, tmpfs->v[i].text);

		view_protect(v, VIEW_TMPFS, path);
		free(path);
	}
	cover_lists(s, p, v, p->root);
	/* pen run from its own source tree: the next pen must still be pen */
	for (size_t i = 0; i < p->programs.n; i++)
		view_protect(v, VIEW_RO, p->programs.v[i]);
}
