#include "pen-report/manifest.h"

#include <jansson.h>
#include <string.h>

#include "lib/mem.h"

#define VERSION 1

/* The member's text, which lasts as long as the process; or NULL. */
static const char *
text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static const char *
path_of(const json_t *o, const char *key)
{
	const char *path = text_of(o, key);

	return path && *path == '/' ? path : NULL;
}

static void
take_mark(struct manifest *m, const json_t *o)
{
	struct mark mark = {
	    .dev = (dev_t)json_integer_value(json_object_get(o, "dev")),
	    .time.tv_sec = json_integer_value(json_object_get(o, "sec")),
	    .time.tv_nsec = json_integer_value(json_object_get(o, "nsec"))};

	if (!json_is_object(o))
		return;
	m->marks = mem_room(m->marks, m->nmarks, sizeof(*m->marks));
	m->marks[m->nmarks++] = mark;
}

static int
take_tree(struct manifest *m, const json_t *o)
{
	const char *kind = text_of(o, "kind");
	struct tree t = {.path = path_of(o, "path"), .kind = TREE_RW};

	if (!t.path || !kind)
		return -1;
	if (strcmp(kind, "project") == 0)
		t.kind = TREE_PROJECT;
	else if (strcmp(kind, "state") == 0)
		t.kind = TREE_STATE;
	m->trees = mem_room(m->trees, m->ntrees, sizeof(*m->trees));
	m->trees[m->ntrees++] = t;
	return 0;
}

static int
take_draft(struct manifest *m, const json_t *o)
{
	static const char *const kinds[] = {"dir", "link", "copy"};
	const char *kind = text_of(o, "kind"), *merge = text_of(o, "merge");
	const char *by = text_of(o, "by");
	struct draft d = {.path = path_of(o, "path"),
			  .by = by ? by : "a tool",
			  .layer = text_of(o, "layer"),
			  .rules = "",
			  .base = text_of(o, "base"),
			  .start = text_of(o, "start"),
			  .tracked =
			      json_is_true(json_object_get(o, "tracked"))};
	size_t k = 0;

	while (k < 3 && (!kind || strcmp(kind, kinds[k]) != 0))
		k++;
	if (!d.path || !d.layer || k == 3)
		return -1;
	d.kind = (enum draft_kind)k;
	if (merge && strcmp(merge, "gitconfig") == 0) {
		d.merge = MERGE_GITCONFIG;
	} else if (merge && strncmp(merge, "json:", 5) == 0) {
		d.merge = MERGE_JSON;
		d.rules = merge + 5;
	} else if (merge && strncmp(merge, "toml:", 5) == 0) {
		d.merge = MERGE_TOML;
	}
	m->drafts = mem_room(m->drafts, m->ndrafts, sizeof(*m->drafts));
	m->drafts[m->ndrafts++] = d;
	return 0;
}

static void
take_obeyed(struct manifest *m, const json_t *o)
{
	struct obeyed_file f = {path_of(o, "path"), text_of(o, "by")};

	if (!f.path || !f.by)
		return;
	m->obeyed = mem_room(m->obeyed, m->nobeyed, sizeof(*m->obeyed));
	m->obeyed[m->nobeyed++] = f;
}

static void
take_git(struct manifest *m, const json_t *git)
{
	const char *ref;
	json_t *id, *tips = json_object_get(git, "tips");

	m->git_root = path_of(git, "root");
	m->common = path_of(git, "common");
	m->git_dir = path_of(git, "git_dir");
	m->index = path_of(git, "index");
	m->head = text_of(git, "head");
	json_object_foreach(tips, ref, id)
	{
		struct tip t = {ref, json_string_value(id)};

		if (!t.id)
			continue;
		m->tips = mem_room(m->tips, m->ntips, sizeof(*m->tips));
		m->tips[m->ntips++] = t;
	}
}

static const char *
take_lists(struct manifest *m, const json_t *o)
{
	size_t i;
	json_t *item;

	json_array_foreach(json_object_get(o, "marks"), i, item)
	    take_mark(m, item);
	json_array_foreach(
	    json_object_get(o, "trees"), i,
	    item) if (take_tree(m, item) <
		      0) return "'trees' has one without path or kind";
	json_array_foreach(
	    json_object_get(o, "drafts"), i,
	    item) if (take_draft(m, item) <
		      0) return "'drafts' has one without layer, kind or path";
	json_array_foreach(json_object_get(o, "obeyed"), i, item)
	    take_obeyed(m, item);
	return NULL;
}

static const char *
take_overlay(struct manifest *m, const json_t *o)
{
	json_t *item, *trees = json_object_get(o, "trees");
	size_t i;

	m->overlay = text_of(o, "name");
	if (!m->overlay)
		return NULL;
	if (*m->overlay == '.' || strchr(m->overlay, '/'))
		return "'overlay' has no name";
	m->overlaid =
	    mem_alloc((json_array_size(trees) + 1) * sizeof(*m->overlaid));
	json_array_foreach(trees, i, item)
	{
		m->overlaid[i] = json_string_value(item);
		if (!m->overlaid[i] || *m->overlaid[i] != '/')
			return "'overlay' has a tree without a path";
		m->noverlaid++;
	}
	return NULL;
}

const char *
manifest_parse(struct manifest *m, const char *text, size_t n)
{
	json_t *o = json_loadb(text, n, 0, NULL);
	const char *at_end, *wrong;

	*m = (struct manifest){0};
	if (!json_is_object(o))
		return "it is not a JSON object";
	if (json_integer_value(json_object_get(o, "version")) != VERSION)
		return "it is not of version 1";
	m->run = text_of(o, "run");
	m->root = path_of(o, "root");
	m->cwd = path_of(o, "cwd");
	m->home = path_of(o, "home");
	m->state_dir = path_of(o, "state_dir");
	m->log = path_of(o, "log");
	m->agent = text_of(o, "agent");
	m->hidden_path = text_of(o, "hidden_path");
	m->nesting = json_is_true(json_object_get(o, "nesting"));
	at_end = text_of(o, "at_end");
	if (at_end && strcmp(at_end, "ask") == 0)
		m->at_end = AT_END_ASK;
	else if (at_end && strcmp(at_end, "nothing") == 0)
		m->at_end = AT_END_NOTHING;
	if (!m->run || !*m->run || strchr(m->run, '/') || *m->run == '.')
		return "'run' is not a name";
	if (!m->root || !m->state_dir || !m->home)
		return "'root', 'home' or 'state_dir' is missing";
	if (!m->cwd)
		m->cwd = m->root;
	take_git(m, json_object_get(o, "git"));
	wrong = take_overlay(m, json_object_get(o, "overlay"));
	return wrong ? wrong : take_lists(m, o);
}

const char *
manifest_below(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	while (n > 0 && dir[n - 1] == '/')
		n--;
	if (strncmp(dir, path, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return path + n + (path[n] == '/');
}
