#include "pen-report/history.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/mem.h"
#include "pen-report/list.h"
#include "pen-report/refs.h"

/* Commits from HEAD back to the branch that it was made from. */
#define COMMITS_MAX 1000

#define TAINTED "tainted"
#define TAINTED_MAX ((size_t)16 << 20)
#define TAINTED_ALL "*\n" /* more than the list can hold */

static int
open_absolute(const char *path)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = beneath_open(root, path, O_RDONLY | O_DIRECTORY);

	close(root);
	return fd;
}

/* Whether text, lines that begin with an id, has the id. */
static int
has_id(const char *text, const char *id, size_t n)
{
	for (const char *at = text; at && *at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, id, n) == 0)
			return 1;
	}
	return 0;
}

/* What HEAD is, as bytes; their number, or 0. */
static size_t
read_head(const struct manifest *m, const struct refs *refs, uint8_t *id)
{
	int dir = open_absolute(m->git_dir);
	size_t n, found = 0;
	char *head =
	    dir < 0 ? NULL : beneath_read(dir, "HEAD", REF_MAX, &n, NULL);

	if (head) {
		head[strcspn(head, "\r\n")] = '\0';
		found = refs_resolve(refs, head, id);
	}
	free(head);
	if (dir >= 0)
		close(dir);
	return found;
}

/* Whether the id was a branch's of the host at the start. */
static int
is_tip(const struct manifest *m, const uint8_t *id, size_t id_n,
       const char *tainted)
{
	uint8_t tip[OBJECT_ID_MAX];

	if (tainted && strcmp(tainted, TAINTED_ALL) == 0)
		return 0;
	for (size_t i = 0; i < m->ntips; i++)
		if (refs_is_branch(m->tips[i].ref) &&
		    object_id(m->tips[i].id, tip) == id_n &&
		    memcmp(tip, id, id_n) == 0)
			return !tainted ||
			       !has_id(tainted, m->tips[i].id, 2 * id_n);
	return m->head && object_id(m->head, tip) == id_n &&
	       memcmp(tip, id, id_n) == 0 &&
	       !(tainted && has_id(tainted, m->head, 2 * id_n));
}

/* From HEAD by first parents to a branch of the start. */
static int
find_branch(struct history *h, uint8_t *id, const char *tainted)
{
	size_t id_n = h->objects.id_n, n;
	uint8_t tree[OBJECT_ID_MAX], parent[OBJECT_ID_MAX];
	int parents, first = 1;

	for (int i = 0; i < COMMITS_MAX; i++, first = 0) {
		uint8_t *p = objects_read(&h->objects, id, OBJECT_COMMIT, &n);
		int bad =
		    !p || object_commit(p, n, id_n, tree, parent, &parents) < 0;

		free(p);
		if (bad)
			return 0;
		if (first)
			memcpy(h->now, tree, id_n);
		if (is_tip(h->m, id, id_n, tainted)) {
			memcpy(h->then, tree, id_n);
			return 1;
		}
		if (!parents)
			return 0;
		memcpy(id, parent, id_n);
	}
	return 0;
}

/* The tree of the commit that HEAD was at the start. */
static int
find_start(struct history *h)
{
	uint8_t id[OBJECT_ID_MAX], parent[OBJECT_ID_MAX], *p;
	size_t id_n = h->objects.id_n, n;
	int parents, good;

	if (!h->m->head || object_id(h->m->head, id) != id_n)
		return 0;
	p = objects_read(&h->objects, id, OBJECT_COMMIT, &n);
	good = p && object_commit(p, n, id_n, h->start, parent, &parents) == 0;
	free(p);
	return good;
}

void
history_open(struct history *h, const struct manifest *m, int state)
{
	uint8_t id[OBJECT_ID_MAX];
	size_t id_n, head_n, n;
	struct refs refs;
	int common;
	char *tainted;

	*h = (struct history){.m = m};
	if (!m->git_dir || !m->git_root || !m->common)
		return;
	common = open_absolute(m->common);
	if (common < 0)
		return;
	refs_read(&refs, common);
	head_n = read_head(m, &refs, h->head);
	refs_free(&refs);
	id_n = m->head ? object_id(m->head, id) : head_n;
	if (id_n > 0 && objects_open(&h->objects, common, id_n) == 0) {
		h->open = 1;
		h->started = find_start(h);
		tainted = beneath_read(state, TAINTED, TAINTED_MAX, &n, NULL);
		h->headed = head_n == id_n;
		memcpy(id, h->head, sizeof(id));
		h->switched = h->headed && find_branch(h, id, tainted);
		free(tainted);
	}
	close(common);
}

void
history_close(struct history *h)
{
	if (h->open)
		objects_close(&h->objects);
}

/*
 * The entry of path in the tree id: 1 with its id and mode, 0 where there is
 * none, -1 where that cannot be told.
 */
static int
find_entry(const struct objects *o, const uint8_t *tree, const char *path,
	   uint8_t *id, unsigned *mode)
{
	memcpy(id, tree, o->id_n);
	*mode = 040000;
	while (*path) {
		size_t len = strcspn(path, "/"), n;
		const uint8_t *found;
		uint8_t *p;

		if (*mode != 040000)
			return 0;
		p = objects_read(o, id, OBJECT_TREE, &n);
		if (!p)
			return -1;
		found = object_entry(p, n, o->id_n, path, len, mode);
		if (found)
			memcpy(id, found, o->id_n);
		free(p);
		if (!found)
			return 0;
		path += len + (path[len] == '/');
	}
	return 1;
}

/* The same for one of the commits. */
static int
tree_has(const struct history *h, const uint8_t *tree, const char *below,
	 const void *text, size_t n, unsigned mode)
{
	uint8_t id[OBJECT_ID_MAX], *p;
	unsigned is;
	size_t size;
	int found = find_entry(&h->objects, tree, below, id, &is), same;

	if (found < 0 || !text)
		return found == 0;
	if (!found)
		return 0;
	if (S_ISLNK(mode) ? !S_ISLNK(is)
			  : !S_ISREG(is) || ((is ^ mode) & 0100) != 0)
		return 0;
	p = objects_read(&h->objects, id, OBJECT_BLOB, &size);
	same = p && size == n && memcmp(p, text, n) == 0;
	free(p);
	return same;
}

int
history_has(const struct history *h, const char *path, const void *text,
	    size_t n, unsigned mode)
{
	const char *below =
	    h->switched ? manifest_below(h->m->git_root, path) : NULL;

	return below && *below && tree_has(h, h->then, below, text, n, mode) &&
	       tree_has(h, h->now, below, text, n, mode);
}

uint8_t *
history_directory(const struct history *h, const char *path, size_t *n)
{
	const char *below =
	    h->started ? manifest_below(h->m->git_root, path) : NULL;
	uint8_t id[OBJECT_ID_MAX];
	unsigned mode;

	if (!below ||
	    find_entry(&h->objects, h->start, below, id, &mode) != 1 ||
	    mode != 040000)
		return NULL;
	return objects_read(&h->objects, id, OBJECT_TREE, n);
}

char *
history_text(const struct history *h, const char *path)
{
	const char *below =
	    h->started ? manifest_below(h->m->git_root, path) : NULL;
	uint8_t id[OBJECT_ID_MAX], *p = NULL;
	unsigned mode;
	size_t n;
	char *text;

	if (below && find_entry(&h->objects, h->start, below, id, &mode) == 1 &&
	    S_ISREG(mode))
		p = objects_read(&h->objects, id, OBJECT_BLOB, &n);
	text = p ? mem_part((char *)p, n) : mem_copy("");
	free(p);
	return text;
}

int
history_had(const struct history *h, const char *path, const void *text,
	    size_t n, unsigned mode)
{
	const char *below =
	    h->started ? manifest_below(h->m->git_root, path) : NULL;

	return below && *below && tree_has(h, h->start, below, text, n, mode);
}

struct taint {
	const struct manifest *m;
	char *had; /* the file as it is, or NULL */
	struct bytes b;
	int full; /* no branch is the host's any more */
};

static void
add_taint(struct taint *t, const char *text)
{
	uint8_t id[OBJECT_ID_MAX];
	size_t n = object_id(text, id);

	if (n == 0 || is_tip(t->m, id, n, NULL) ||
	    (t->had && has_id(t->had, text, 2 * n)) || t->full)
		return;
	if (t->b.n > TAINTED_MAX / 2) {
		t->full = 1;
		return;
	}
	list_add_bytes(&t->b, text, 2 * n);
	list_add_bytes(&t->b, "\n", 1);
}

void
history_taint(const struct manifest *m, int state)
{
	struct taint t = {.m = m};
	struct refs refs;
	int common = m->common && m->git_dir ? open_absolute(m->common) : -1,
	    dir;
	size_t n;
	char *head;

	if (common < 0)
		return;
	t.had = beneath_read(state, TAINTED, TAINTED_MAX, &n, NULL);
	t.full = t.had && strcmp(t.had, TAINTED_ALL) == 0;
	if (t.had)
		list_add_bytes(&t.b, t.had, n);
	refs_read(&refs, common);
	t.full |= refs.cut;
	for (size_t i = 0; i < refs.n; i++)
		if (refs_is_branch(refs.v[i].name))
			add_taint(&t, refs.v[i].text);
	refs_free(&refs);
	dir = open_absolute(m->git_dir);
	head = dir < 0 ? NULL : beneath_read(dir, "HEAD", REF_MAX, &n, NULL);
	if (head)
		add_taint(&t, head);
	free(head);
	if (dir >= 0)
		close(dir);
	if (t.full)
		beneath_write(state, TAINTED, TAINTED_ALL, strlen(TAINTED_ALL),
			      0600);
	else if (t.b.n > (t.had ? strlen(t.had) : 0))
		beneath_write(state, TAINTED, t.b.p, t.b.n, 0600);
	free(t.b.p);
	free(t.had);
	close(common);
}
