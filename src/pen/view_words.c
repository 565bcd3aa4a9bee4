#include "pen/view_words.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "pen/path.h"
#include "pen/view_protect.h"

/* Of a tmpfs of its own, in bytes. */
#define PRIVATE_SIZE "67108864"

/* Parents before what is below them: "/" sorts before every other byte. */
static int
compare_binds(const void *a, const void *b)
{
	const char *s = ((const struct view_bind *)a)->dest;
	const char *t = ((const struct view_bind *)b)->dest;

	for (; *s && *s == *t; s++, t++)
		;
	if (*s == *t)
		return 0;
	if (*s == '\0' || *t == '\0')
		return *s == '\0' ? -1 : 1;
	if (*s == '/' || *t == '/')
		return *s == '/' ? -1 : 1;
	return (unsigned char)*s < (unsigned char)*t ? -1 : 1;
}

static int
compare_drafts(const void *a, const void *b)
{
	struct view_bind s = {.dest = ((const struct view_draft *)a)->dest};
	struct view_bind t = {.dest = ((const struct view_draft *)b)->dest};

	return compare_binds(&s, &t);
}

static void
push_tmpfs(struct strv *words)
{
	static const char *const options[] = {"--size", PRIVATE_SIZE, "--perms",
					      "0700", "--tmpfs"};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		strv_push(words, options[i]);
}

/* The layers by their names, the lowest by the descriptor that was opened. */
static void
emit_overlay(const struct view_bind *b, struct strv *words, const char *src)
{
	strv_push(words, "--overlay-src");
	strv_push(words, src);
	strv_push(words, "--overlay");
	strv_push(words, path_join(b->over, "up"));
	strv_push(words, path_join(b->over, "work"));
}

static void
push_bind(const struct view_bind *b, struct strv *words, struct strv *shown)
{
	static const char *const options[][2] = {
	    [VIEW_RW] = {"--bind", "--bind-fd"},
	    [VIEW_RO] = {"--ro-bind", "--ro-bind-fd"}};

	if (b->mode == VIEW_MASK) {
		strv_push(words, "--mask");
		strv_push(shown, "--mask");
	} else if (b->mode == VIEW_TMPFS) {
		push_tmpfs(words);
		push_tmpfs(shown);
	} else if (b->over) {
		emit_overlay(b, words, mem_printf("/proc/self/fd/%d", b->fd));
		emit_overlay(b, shown, b->src);
		if (fd_cloexec(b->fd, 0) < 0)
			die(ERR_TOOL, "cannot pass on '%s': %m", b->src);
	} else {
		strv_push(words, options[b->mode][b->fd >= 0]);
		strv_push(words, b->fd >= 0 ? mem_printf("%d", b->fd) : b->src);
		strv_push(shown, options[b->mode][0]);
		strv_push(shown, b->src);
		if (b->fd >= 0 && fd_cloexec(b->fd, 0) < 0)
			die(ERR_TOOL, "cannot pass on '%s': %m", b->src);
	}
	strv_push(words, b->dest);
	strv_push(shown, b->dest);
}

/*
 * The number of a draft's tree, which is noted if it is new: it, and what is in
 * effect there.
 */
static size_t
tree_number(struct strv *trees, const struct view_draft *d)
{
	const char *kept = d->kept ? d->kept : "";

	for (size_t i = trees->n; i > 0; i -= 2)
		if (strcmp(trees->v[i - 2], d->tree) == 0 &&
		    strcmp(trees->v[i - 1], kept) == 0)
			return i / 2 - 1;
	strv_push(trees, d->tree);
	strv_push(trees, kept);
	return trees->n / 2 - 1;
}

/*
 * Says where each draft will be, if it is to be one: not where something
 * stricter is shown, nor in a directory that is a draft as a whole.
 */
static void
place_drafts(struct view *v, struct strv *trees)
{
	const char *around = NULL;
	unsigned links = 0;

	if (v->drafts_n > 0)
		qsort(v->drafts, v->drafts_n, sizeof(*v->drafts),
		      compare_drafts);
	for (size_t i = 0; i < v->drafts_n; i++) {
		struct view_draft *d = &v->drafts[i];
		const struct view_bind *b = view_around(v, d->dest);
		size_t tree;

		if (!b || b->mode != VIEW_RW ||
		    (around && path_within(d->dest, around)))
			continue;
		around = d->dest;
		tree = tree_number(trees, d);
		if (d->kind == VIEW_REPLACED)
			d->layer = mem_printf("links/%u/%s", links++,
					      strrchr(d->src, '/') + 1);
		else
			d->layer = mem_printf("t%zu/up%s", tree,
					      d->src + strlen(d->tree));
	}
}

static void
push_both(struct strv *words, struct strv *shown, const char *word)
{
	strv_push(words, word);
	strv_push(shown, word);
}

static void
emit_trees(const struct view *v, const struct strv *trees, struct strv *words,
	   struct strv *shown)
{
	for (size_t i = 0; i < trees->n; i += 2) {
		const char *kept = trees->v[i + 1];
		struct stat st;

		if (!*kept)
			kept = v->kept ? mem_join(v->kept, trees->v[i]) : NULL;

		push_both(words, shown, "--draft-tree");
		push_both(words, shown, trees->v[i]);
		push_both(words, shown,
			  kept && lstat(kept, &st) == 0 && S_ISDIR(st.st_mode)
			      ? kept
			      : "");
	}
}

static void
emit_draft(struct view *v, const struct view_draft *d, struct strv *trees,
	   struct strv *words, struct strv *shown)
{
	if (!d->layer)
		return;
	if (d->kind == VIEW_REPLACED) {
		/* links/N/NAME */
		strv_push(&v->watch, "--draft-link");
		strv_push(&v->watch,
			  mem_part(d->layer + strlen("links/"),
				   strcspn(d->layer + strlen("links/"), "/")));
		strv_push(&v->watch, d->src);
		strv_push(&v->watch, d->dest);
	} else {
		strv_push(&v->watch, "--draft");
		strv_push(&v->watch, d->src);
	}
	push_both(words, shown,
		  d->kind == VIEW_REPLACED ? "--draft-link" : "--draft");
	push_both(words, shown, mem_printf("%zu", tree_number(trees, d)));
	push_both(words, shown, d->src + strlen(d->tree) + 1);
	push_both(words, shown, d->dest);
}

/*
 * Whether an enclosing read-only bind shows the same thing already, or none
 * shows what a mask would hide.
 */
static int
is_redundant(const struct view *v, size_t i)
{
	const struct view_bind *b = &v->binds[i], *best = NULL;

	for (size_t k = 0; k < i; k++)
		if (path_within(b->dest, v->binds[k].dest))
			best = &v->binds[k]; /* sorted: the last is closest */
	if (b->mode == VIEW_MASK)
		return !best && !path_in_system(b->dest);
	return best && b->mode == VIEW_RO && best->mode == VIEW_RO &&
	       view_bind_shows(best, b->src, b->dest);
}

/* Whether b comes after d: what is bound on the same place comes first. */
static int
binds_before(const struct view_draft *d, const struct view_bind *b)
{
	struct view_bind at = {.dest = d->dest};

	return compare_binds(&at, b) < 0;
}

void
view_words(struct view *v, struct strv *words, struct strv *shown)
{
	struct strv trees = {0};
	size_t d = 0;

	view_pin_all(v);
	qsort(v->binds, v->n, sizeof(*v->binds), compare_binds);
	for (size_t i = 0; i < v->links_n; i++) {
		const struct view_link *l = &v->links[i];

		if (view_around(v, l->path))
			continue;
		for (int k = 0; k < 2; k++) {
			struct strv *w = k ? shown : words;

			strv_push(w, "--symlink");
			strv_push(w, l->target);
			strv_push(w, l->path);
		}
	}
	place_drafts(v, &trees);
	emit_trees(v, &trees, words, shown);
	for (size_t i = 0; i < v->n; i++) {
		for (; d < v->drafts_n &&
		       binds_before(&v->drafts[d], &v->binds[i]);
		     d++)
			emit_draft(v, &v->drafts[d], &trees, words, shown);
		if (!is_redundant(v, i))
			push_bind(&v->binds[i], words, shown);
	}
	for (; d < v->drafts_n; d++)
		emit_draft(v, &v->drafts[d], &trees, words, shown);
	for (size_t i = 0; i < v->more.n; i++)
		push_both(words, shown, v->more.v[i]);
}
