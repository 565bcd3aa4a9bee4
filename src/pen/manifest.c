#include "pen/manifest.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/file.h"
#include "lib/sha.h"
#include "pen/gitrefs.h"
#include "pen/path.h"

/* Larger files are compared with what is there in the end. */
#define START_MAX ((size_t)1 << 20)

/* Adds a member; a name that is no UTF-8 has its bytes made visible. */
static void
set_text(json_t *o, const char *key, const char *text)
{
	json_t *value = text ? json_string(text) : json_null();

	if (!value)
		value = json_null();
	if (json_object_set_new(o, key, value) < 0)
		die(ERR_TOOL, "cannot make the manifest");
}

/*
 * The time of a file system, which is behind the clock: that of a file without
 * a name, made now; or the clock that file systems take it from.
 */
static struct timespec
time_of(const char *dir)
{
	int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	struct timespec now;
	struct stat st;

	if (clock_gettime(CLOCK_REALTIME_COARSE, &now) < 0)
		die(ERR_TOOL, "cannot tell the time: %m");
	if (fd >= 0 && fstat(fd, &st) == 0)
		now = st.st_ctim;
	if (fd >= 0)
		close(fd);
	return now;
}

static int
is_after(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec
				      : a->tv_nsec > b->tv_nsec;
}

static void
take_latest(struct timespec *latest, const char *path)
{
	struct stat st;

	if (lstat(path, &st) == 0 && is_after(&st.st_ctim, latest))
		*latest = st.st_ctim;
}

/* When pen, or somebody else, last made something that the run can write to. */
static struct timespec
latest_change(const struct view *v)
{
	struct timespec latest = {0};

	for (size_t i = 0; i < v->n; i++)
		take_latest(&latest, v->binds[i].src);
	for (size_t i = 0; i < v->drafts_n; i++)
		take_latest(&latest, v->drafts[i].src);
	return latest;
}

/*
 * The mark of a file system: later than what pen made there for this start,
 * which would count for the run's.  The time goes on in ticks.
 */
static struct timespec
mark_of(const char *dir, const struct timespec *latest)
{
	const struct timespec pause = {0, 500000};
	struct timespec t = time_of(dir);

	for (int n = 0; n < 40 && !is_after(&t, latest); n++) {
		nanosleep(&pause, NULL);
		t = time_of(dir);
	}
	return t;
}

/* A mark for each file system that the run can write to. */
static void
add_mark(json_t *marks, const char *path, const struct timespec *latest)
{
	struct stat st;
	struct timespec t;
	json_t *o;
	size_t i;

	if (stat(path, &st) < 0)
		return;
	json_array_foreach(marks, i, o) if ((dev_t)json_integer_value(
						json_object_get(o, "dev")) ==
					    st.st_dev) return;
	t = mark_of(S_ISDIR(st.st_mode) ? path : "/proc/self/cwd", latest);
	json_array_append_new(marks, json_pack("{sI sI sI}", "sec",
					       (json_int_t)t.tv_sec, "nsec",
					       (json_int_t)t.tv_nsec, "dev",
					       (json_int_t)st.st_dev));
}

static int
is_state(const struct manifest *m, const char *dest)
{
	const struct settings_list *l = &m->settings->list[SET_STATE];
	int same = 0;

	for (size_t i = 0; i < l->n && !same; i++) {
		const char *text = l->v[i].text;
		char *path =
		    path_expand(text + (*text == '-'), m->project->home);

		same = strcmp(path, dest) == 0;
		free(path);
	}
	return same;
}

static const char *
kind_of(const struct manifest *m, const struct view_bind *tree)
{
	if (strcmp(tree->src, m->project->root) == 0 ||
	    (m->project->common && strcmp(tree->src, m->project->common) == 0))
		return "project";
	return is_state(m, tree->dest) ? "state" : "rw";
}

static void
add_trees(const struct manifest *m, json_t *o)
{
	json_t *trees = json_array(), *marks = json_array();
	const struct view *v = m->view;
	struct timespec latest = latest_change(v);

	for (size_t i = 0; i < v->n; i++) {
		const struct view_bind *b = &v->binds[i];
		json_t *tree;

		/* nothing of the host's reads a run's history */
		if (b->pin || b->mode != VIEW_RW ||
		    path_within(b->src, m->project->histories))
			continue;
		add_mark(marks, b->src, &latest);
		if (b->over)
			continue;
		tree = json_object();
		set_text(tree, "path", b->src);
		set_text(tree, "kind", kind_of(m, b));
		json_array_append_new(trees, tree);
	}
	json_object_set_new(o, "trees", trees);
	json_object_set_new(o, "marks", marks);
}

/* What the host has, for a draft that is merged by key; null: nothing. */
static void
set_base(json_t *draft, const struct view_draft *d)
{
	size_t n;
	char *text = file_read(d->src, O_NOFOLLOW, START_MAX, &n);

	set_text(draft, "base", text);
	free(text);
}

/*
 * What the run's copy begins as, to tell whether it changed it: another run may
 * change the draft meanwhile, and the user the host's file.
 */
static void
set_start(json_t *draft, const char *kept, const char *src)
{
	char *path = mem_join(kept, src), sha[2 * SHA256_SIZE + 1];
	size_t n;
	char *text = file_read(path, O_NOFOLLOW, START_MAX, &n);

	if (!text)
		text = file_read(src, O_NOFOLLOW, START_MAX, &n);
	if (text) {
		sha256_text(text, n, sha);
		set_text(draft, "start", sha);
	}
	free(text);
	free(path);
}

static void
add_drafts(const struct manifest *m, json_t *o)
{
	static const char *const kinds[] = {
	    [VIEW_DIR] = "dir", [VIEW_REPLACED] = "link", [VIEW_COPY] = "copy"};
	json_t *drafts = json_array(), *obeyed = json_array();
	const struct view *v = m->view;

	for (size_t i = 0; i < v->drafts_n; i++) {
		const struct view_draft *d = &v->drafts[i];
		json_t *draft;

		if (!d->layer || d->kept)
			continue;
		draft = json_pack("{si}", "id", (int)i);
		set_text(draft, "kind", kinds[d->kind]);
		set_text(draft, "path", d->src);
		if (strcmp(d->src, d->dest) != 0)
			set_text(draft, "inside", d->dest);
		set_text(draft, "by", d->by);
		set_text(draft, "merge", d->merge);
		set_text(draft, "layer", d->layer);
		if (strcmp(d->merge, "none") != 0)
			set_base(draft, d);
		else if (d->kind == VIEW_REPLACED)
			set_start(draft, m->run->kept, d->src);
		json_array_append_new(drafts, draft);
	}
	for (size_t i = 0; i < v->obeyed.n; i++) {
		json_t *one = json_object();

		set_text(one, "path", v->obeyed.v[i]);
		set_text(one, "by", v->obeyed_by.v[i]);
		json_array_append_new(obeyed, one);
	}
	json_object_set_new(o, "drafts", drafts);
	json_object_set_new(o, "obeyed", obeyed);
}

static void
add_tip(void *arg, const char *ref, const char *id)
{
	set_text(arg, ref, id);
}

static void
add_git(const struct manifest *m, json_t *o)
{
	char *common, *dir = gitrefs_directory(m->project->root, &common);
	json_t *git, *tips;
	char *head;

	if (!dir)
		return;
	git = json_object();
	tips = json_object();
	head = gitrefs_head(dir, common);
	set_text(git, "root", m->project->root);
	set_text(git, "common", common);
	set_text(git, "git_dir", dir);
	set_text(git, "index", mem_printf("%s/index", dir));
	set_text(git, "head", head);
	gitrefs_each(common, add_tip, tips);
	json_object_set_new(git, "tips", tips);
	json_object_set_new(o, "git", git);
	free(head);
	free(common);
	free(dir);
}

/* What is shown through an overlay, in the order of its layers. */
static void
add_overlay(const struct manifest *m, json_t *o)
{
	json_t *overlay = json_object(), *trees = json_array();

	set_text(overlay, "name", strrchr(m->overlay, '/') + 1);
	json_array_append_new(trees, json_string(m->project->root));
	if (m->project->common)
		json_array_append_new(trees, json_string(m->project->common));
	json_object_set_new(overlay, "trees", trees);
	json_object_set_new(o, "overlay", overlay);
}

char *
manifest_text(const struct manifest *m)
{
	json_t *o = json_pack("{si sb}", "version", 1, "nesting",
			      settings_on(m->settings, SET_NESTING));
	char *text;

	set_text(o, "run", m->run->id);
	set_text(o, "root", m->project->root);
	set_text(o, "cwd", m->project->cwd);
	set_text(o, "home", m->project->home);
	set_text(o, "state_dir", m->run->dir);
	set_text(o, "log", m->log);
	set_text(o, "agent", m->agent);
	set_text(o, "hidden_path", m->hidden_path);
	set_text(o, "at_end", settings_value(m->settings, SET_AT_END));
	if (m->overlay)
		add_overlay(m, o);
	else
		add_git(m, o);
	add_drafts(m, o);
	add_trees(m, o);
	text = json_dumps(o, JSON_COMPACT);
	if (!text)
		die(ERR_TOOL, "cannot make the manifest");
	json_decref(o);
	return text;
}
