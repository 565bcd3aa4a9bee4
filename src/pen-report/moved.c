#include "pen-report/moved.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/mem.h"
#include "pen-report/class.h"
#include "pen-report/package.h"
#include "pen-report/refs.h"

/* Objects that are read, and what is found: a run chooses how many there are.
 */
#define READ_MAX 20000
#define MOVED_MAX 20000 /* refs that are looked at */
#define FOUND_MAX 500
#define COMMITS_MAX 1000 /* from one ref back to a branch of the start */
#define DEPTH_MAX 128	 /* of directories, and of tags of tags */

/* Of the start: the ref as it was, and the branch that it was made from. */
#define BASES 2

struct moved {
	struct account *a;
	const struct history *h;
	const char *ref;
	int is_head; /* its files are in the work tree, and in the account */
	unsigned reads, found;
	int cut;
	char path[PATH_MAX];
	uint8_t (*seen)[OBJECT_ID_MAX];
	size_t seen_n;
	/* of the start, sorted: there may be as many as the run likes */
	struct tip *tips;	       /* by name */
	uint8_t (*ids)[OBJECT_ID_MAX]; /* where the refs led to */
	size_t ids_n;
	unsigned moved;
};

static uint8_t *
read_object(struct moved *m, const uint8_t *id, enum object_type type,
	    size_t *n)
{
	uint8_t *p = NULL;

	if (m->reads++ < READ_MAX)
		p = objects_read(&m->h->objects, id, type, n);
	return p;
}

/* Whether the id is that of something which has no files. */
static int
is_no_commit(struct moved *m, const uint8_t *id)
{
	size_t n;
	uint8_t *p = read_object(m, id, OBJECT_BLOB, &n);

	if (!p)
		p = read_object(m, id, OBJECT_TREE, &n);
	free(p);
	return p != NULL;
}

static int
by_ref(const void *a, const void *b)
{
	return strcmp(((const struct tip *)a)->ref,
		      ((const struct tip *)b)->ref);
}

/* Ids that are shorter are followed by zeros. */
static int
by_id(const void *a, const void *b)
{
	return memcmp(a, b, OBJECT_ID_MAX);
}

static void
add_id(struct moved *m, const char *text)
{
	uint8_t *id = m->ids[m->ids_n];

	memset(id, 0, OBJECT_ID_MAX);
	m->ids_n += object_id(text, id) == m->h->objects.id_n;
}

static void
sort_start(struct moved *m)
{
	const struct manifest *f = m->h->m;

	m->tips = mem_alloc((f->ntips + 1) * sizeof(*m->tips));
	m->ids = mem_alloc((f->ntips + 1) * sizeof(*m->ids));
	for (size_t i = 0; i < f->ntips; i++) {
		m->tips[i] = f->tips[i];
		add_id(m, f->tips[i].id);
	}
	if (f->head)
		add_id(m, f->head);
	if (f->ntips > 0)
		qsort(m->tips, f->ntips, sizeof(*m->tips), by_ref);
	if (m->ids_n > 0)
		qsort(m->ids, m->ids_n, sizeof(*m->ids), by_id);
}

static const char *
start_of(const struct moved *m, const char *ref)
{
	struct tip key = {0}, *found;

	key.ref = (char *)(size_t)ref;
	found = m->h->m->ntips > 0 ? bsearch(&key, m->tips, m->h->m->ntips,
					     sizeof(*m->tips), by_ref)
				   : NULL;
	return found ? found->id : NULL;
}

/* Whether a ref of the start was that. */
static int
is_of_start(const struct moved *m, const uint8_t *id)
{
	uint8_t key[OBJECT_ID_MAX] = {0};

	memcpy(key, id, m->h->objects.id_n);
	return m->ids_n > 0 &&
	       bsearch(key, m->ids, m->ids_n, sizeof(*m->ids), by_id);
}

/* What an annotated tag is of, as often as it takes. */
static void
peel(const struct objects *o, uint8_t *id)
{
	for (int i = 0; i < DEPTH_MAX; i++) {
		char text[2 * OBJECT_ID_MAX + 1] = "";
		size_t n;
		uint8_t *p = objects_read(o, id, OBJECT_TAG, &n);
		int good =
		    p && n > 8 + 2 * o->id_n && memcmp(p, "object ", 7) == 0;

		if (good)
			memcpy(text, p + 7, 2 * o->id_n);
		free(p);
		if (!good || object_id(text, id) != o->id_n)
			return;
	}
}

/* The tree of the commit id, and its first parent.  0, or -1. */
static int
read_commit(struct moved *m, const uint8_t *id, uint8_t *tree, uint8_t *parent,
	    int *parents)
{
	size_t n;
	uint8_t *p = read_object(m, id, OBJECT_COMMIT, &n);
	int bad = !p || object_commit(p, n, m->h->objects.id_n, tree, parent,
				      parents) < 0;

	free(p);
	return bad ? -1 : 0;
}

/* The tree of the nearest commit before id that a ref of the start was. */
static int
find_origin(struct moved *m, const uint8_t *from, uint8_t *tree)
{
	uint8_t id[OBJECT_ID_MAX], parent[OBJECT_ID_MAX];
	int parents;

	memcpy(id, from, m->h->objects.id_n);
	for (int i = 0; i < COMMITS_MAX; i++) {
		if (read_commit(m, id, tree, parent, &parents) < 0)
			return 0;
		if (is_of_start(m, id))
			return 1;
		if (!parents)
			return 0;
		memcpy(id, parent, m->h->objects.id_n);
	}
	return 0;
}

/* A tree, and where in it the comparison is. */
struct side {
	uint8_t *p;
	size_t n, at;
	const char *name; /* of the entry, NULL at the end */
	const uint8_t *id;
	unsigned mode;
};

static void
next_entry(struct side *s, size_t id_n)
{
	if (s->p && object_next(s->p, s->n, id_n, &s->at, &s->name, &s->mode))
		s->id = s->p + s->at - id_n;
	else
		s->name = NULL;
}

/* git's order: a directory's name is as if it ended with "/". */
static int
compare_entries(const struct side *a, const struct side *b)
{
	size_t n = 0;
	int x, y;

	while (a->name[n] && a->name[n] == b->name[n])
		n++;
	x = (unsigned char)a->name[n];
	y = (unsigned char)b->name[n];
	if (!x && S_ISDIR(a->mode))
		x = '/';
	if (!y && S_ISDIR(b->mode))
		y = '/';
	return x - y;
}

static struct obeyer
find_class(const struct moved *m, const char *path)
{
	const struct manifest *f = m->h->m;

	for (size_t i = 0; i < f->ndrafts; i++)
		if (manifest_below(f->drafts[i].path, path))
			return (struct obeyer){OBEYED_TOLD, f->drafts[i].by};
	for (size_t i = 0; i < f->nobeyed; i++)
		if (manifest_below(f->obeyed[i].path, path))
			return (struct obeyer){OBEYED_TOLD, f->obeyed[i].by};
	return class_of(m->path);
}

static int
is_accounted(const struct moved *m, const char *path)
{
	char *shown = account_shown(m->h->m, path);
	int found = 0;

	for (size_t i = 0; i < m->a->n && !found; i++)
		found = strcmp(m->a->v[i].path, shown) == 0;
	free(shown);
	return found;
}

static int
has_package_news(struct moved *m, const struct side *now,
		 const struct side *then)
{
	size_t n;
	char *is = (char *)read_object(m, now->id, OBJECT_BLOB, &n), *was;
	char *is_text = is ? mem_part(is, n) : NULL, *was_text;
	int news;

	was = then ? (char *)read_object(m, then->id, OBJECT_BLOB, &n) : NULL;
	was_text = was ? mem_part(was, n) : mem_copy("");
	news = is_text && package_has_news(was_text, is_text);
	free(is);
	free(was);
	free(is_text);
	free(was_text);
	return news;
}

/* Whether anybody would check it out; what else there is are tools' own. */
static int
is_checked_out(const char *ref)
{
	return refs_is_branch(ref) || strncmp(ref, "refs/tags/", 10) == 0 ||
	       strcmp(ref, "refs/stash") == 0;
}

/* The file m->path differs from what it was, in then where it was there. */
static void
take_file(struct moved *m, const struct side *now, const struct side *then)
{
	const char *name = strrchr(m->path, '/');
	char *path = mem_printf("%s/%s", m->h->m->git_root, m->path);
	struct obeyer c = find_class(m, path);
	struct account_entry *e, *last;
	size_t root = strlen(path) - strlen(m->path), part;

	if (c.obeyed == OBEYED_NOT || (m->is_head && is_accounted(m, path))) {
		free(path);
		return;
	}
	if (c.obeyed == OBEYED_TOLD) {
		part = class_part(m->path);
		part -= m->path[part - 1] == '/';
		path[root + part] = '\0';
	}
	if (m->found++ == FOUND_MAX)
		m->cut = 1;
	e = m->found > FOUND_MAX
		? NULL
		: account_add(m->a, path,
			      then ? CHANGE_CHANGED : CHANGE_CREATED,
			      ACCOUNT_OBEYED, c.by);
	last = m->a->n > 1 ? &m->a->v[m->a->n - 2] : NULL;
	if (e) {
		e->ref = mem_copy(m->ref);
		e->directory = strlen(path) < root + strlen(m->path);
		e->tell = c.obeyed == OBEYED_TOLD;
		if (strcmp(name ? name + 1 : m->path, "package.json") == 0 &&
		    has_package_news(m, now, then))
			e->tell = 1;
		e->tell &= is_checked_out(m->ref);
		/* what is below one directory is one thing */
		if (last && last->ref && strcmp(last->ref, e->ref) == 0 &&
		    strcmp(last->path, e->path) == 0)
			m->a->n--;
	}
	free(path);
}

static void compare_trees(struct moved *m, const uint8_t *now,
			  const uint8_t *const *then, int depth);

/* An entry that is in none of the trees of the start as it is. */
static void
take_entry(struct moved *m, const struct side *now,
	   const struct side *const *then, int depth)
{
	const uint8_t *below[BASES] = {0};
	size_t n = strlen(m->path);
	const struct side *file = NULL;

	if (n + strlen(now->name) + 2 > sizeof(m->path)) {
		m->cut = 1;
		return;
	}
	memcpy(m->path + n + (n > 0), now->name, strlen(now->name) + 1);
	if (n > 0)
		m->path[n] = '/';
	for (int i = 0; i < BASES; i++) {
		if (then[i] && S_ISDIR(then[i]->mode))
			below[i] = then[i]->id;
		else if (then[i] && !file)
			file = then[i];
	}
	if (S_ISDIR(now->mode))
		compare_trees(m, now->id, below, depth - 1);
	else if (S_ISREG(now->mode) || S_ISLNK(now->mode))
		take_file(m, now, file);
	m->path[n] = '\0';
}

static void
compare_trees(struct moved *m, const uint8_t *now, const uint8_t *const *then,
	      int depth)
{
	size_t id_n = m->h->objects.id_n;
	struct side is = {0}, was[BASES] = {0};

	if (depth == 0 || !(is.p = read_object(m, now, OBJECT_TREE, &is.n))) {
		m->cut = 1;
		return;
	}
	for (int i = 0; i < BASES; i++)
		if (then[i]) {
			was[i].p =
			    read_object(m, then[i], OBJECT_TREE, &was[i].n);
			next_entry(&was[i], id_n);
		}
	for (next_entry(&is, id_n); is.name; next_entry(&is, id_n)) {
		const struct side *at[BASES] = {0};
		int same = 0;

		for (int i = 0; i < BASES; i++) {
			while (was[i].name && compare_entries(&was[i], &is) < 0)
				next_entry(&was[i], id_n);
			if (!was[i].name || compare_entries(&was[i], &is) != 0)
				continue;
			at[i] = &was[i];
			same |= was[i].mode == is.mode &&
				memcmp(was[i].id, is.id, id_n) == 0;
		}
		if (!same)
			take_entry(m, &is, at, depth);
	}
	free(is.p);
	for (int i = 0; i < BASES; i++)
		free(was[i].p);
}

static int
was_seen(struct moved *m, const uint8_t *id)
{
	size_t id_n = m->h->objects.id_n;

	for (size_t i = 0; i < m->seen_n; i++)
		if (memcmp(m->seen[i], id, id_n) == 0)
			return 1;
	m->seen = mem_room(m->seen, m->seen_n, sizeof(*m->seen));
	memcpy(m->seen[m->seen_n++], id, id_n);
	return 0;
}

/* A ref that is not what it was, and none that was there either. */
static void
take_moved(struct moved *m, uint8_t *id, const char *was)
{
	const struct history *h = m->h;
	uint8_t tree[OBJECT_ID_MAX], old[OBJECT_ID_MAX], none[OBJECT_ID_MAX];
	uint8_t origin[OBJECT_ID_MAX], then[OBJECT_ID_MAX];
	const uint8_t *bases[BASES] = {0};
	int parents;

	m->is_head = h->headed && memcmp(id, h->head, h->objects.id_n) == 0;
	peel(&h->objects, id);
	if (is_of_start(m, id) || was_seen(m, id))
		return;
	if (read_commit(m, id, tree, none, &parents) < 0) {
		m->cut |= !is_no_commit(m, id);
		return;
	}
	if (was && object_id(was, old) == h->objects.id_n) {
		peel(&h->objects, old);
		if (read_commit(m, old, then, none, &parents) == 0)
			bases[0] = then;
	} else if (h->started) {
		bases[0] = h->start;
	}
	if (find_origin(m, id, origin))
		bases[1] = origin;
	*m->path = '\0';
	compare_trees(m, tree, bases, DEPTH_MAX);
}

/* One that replaces an object, wherever it is written. */
static void
take_replacement(struct moved *m, const char *ref)
{
	char *path = mem_join(m->h->m->common, "/"), *all = mem_join(path, ref);
	struct account_entry *e =
	    account_add(m->a, all, CHANGE_CHANGED, ACCOUNT_OBEYED, "git");

	e->tell = 1;
	free(path);
	free(all);
}

static void
take_ref(struct moved *m, const struct refs *refs, const struct ref *ref)
{
	const char *was = start_of(m, ref->name);
	uint8_t id[OBJECT_ID_MAX];

	if (was && strcmp(was, ref->text) == 0)
		return;
	m->ref = ref->name;
	if (m->moved == MOVED_MAX) {
		m->cut = 1;
		return;
	}
	m->moved++;
	if (strncmp(ref->name, "refs/replace/", 13) == 0)
		take_replacement(m, ref->name);
	else if (refs_resolve(refs, ref->text, id) == m->h->objects.id_n)
		take_moved(m, id, was);
}

void
moved_check(struct account *a, const struct history *h)
{
	struct moved m = {.a = a, .h = h};
	struct refs refs;
	int root, common;

	if (!h->open)
		return;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	common = beneath_open(root, h->m->common, O_RDONLY | O_DIRECTORY);
	close(root);
	if (common < 0)
		return;
	refs_read(&refs, common);
	close(common);
	sort_start(&m);
	for (size_t i = 0; i < refs.n; i++)
		take_ref(&m, &refs, &refs.v[i]);
	if (m.cut || refs.cut)
		strv_push(&a->why,
			  mem_copy("not all that the run's branches have "
				   "can be told"));
	refs_free(&refs);
	free(m.seen);
	free(m.tips);
	free(m.ids);
}
