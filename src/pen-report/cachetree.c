#include "pen-report/cachetree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/mem.h"
#include "pen-report/list.h"
#include "pen-report/object.h"

#define DEPTH_MAX 128

struct reader {
	const uint8_t *p, *end;
	size_t id_n;
	const struct cachetree_entry *v;
};

/* A directory as the extension has it. */
struct node {
	const char *name;
	long count; /* of entries, -1: nothing is known of it */
	const uint8_t *id;
	struct node *below; /* by name */
	size_t n;
};

/* Digits and the byte end.  0, or -1. */
static int
take_number(struct reader *r, int end, long *out)
{
	int minus = r->p < r->end && *r->p == '-';
	long v = 0;

	r->p += minus;
	if (r->p == r->end || *r->p == end)
		return -1;
	for (; r->p < r->end && *r->p != end; r->p++) {
		if (*r->p < '0' || *r->p > '9' || v > 1L << 30)
			return -1;
		v = v * 10 + (*r->p - '0');
	}
	if (r->p == r->end)
		return -1;
	r->p++;
	*out = minus ? -v : v;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void
free_node(struct node *node)
{
	for (size_t i = 0; i < node->n; i++)
		free_node(&node->below[i]);
	free(node->below);
}

/* A directory, and behind it those in it.  0, or -1; to be freed in any case.
 */
static int
take_node(struct reader *r, struct node *node, int depth)
{
	const uint8_t *nul = memchr(r->p, 0, (size_t)(r->end - r->p));
	long below;

	*node = (struct node){.name = (const char *)r->p};
	if (!nul || depth == 0)
		return -1;
	r->p = nul + 1;
	if (take_number(r, ' ', &node->count) < 0 ||
	    take_number(r, '\n', &below) < 0 || below < 0)
		return -1;
	if (node->count >= 0) {
		if ((size_t)(r->end - r->p) < r->id_n)
			return -1;
		node->id = r->p;
		r->p += r->id_n;
	}
	for (; below > 0; below--) {
		node->below =
		    mem_room(node->below, node->n, sizeof(*node->below));
		if (take_node(r, &node->below[node->n++], depth - 1) < 0)
			return -1;
	}
	if (node->n > 0)
		qsort(node->below, node->n, sizeof(*node), by_name);
	return 0;
}

static void
add_entry(struct bytes *tree, unsigned mode, const char *name, size_t n,
	  const uint8_t *id, size_t id_n)
{
	char text[16];

	list_add_bytes(tree, text,
		       (size_t)snprintf(text, sizeof(text), "%o ", mode));
	list_add_bytes(tree, name, n);
	list_add_bytes(tree, "", 1);
	list_add_bytes(tree, id, id_n);
}

/* The directory that the name begins with, of n bytes. */
static const struct node *
find_below(const struct node *node, const char *name, size_t n)
{
	struct node key;
	char *copy = mem_part(name, n);
	const struct node *found;

	key.name = copy;
	found = node->n
		    ? bsearch(&key, node->below, node->n, sizeof(key), by_name)
		    : NULL;
	free(copy);
	return found;
}

static int check_node(const struct reader *r, const struct node *node,
		      size_t from, size_t to, size_t prefix);

/*
 * The entries from at on that are in one directory below node: it goes to the
 * tree.  How many they are, or -1 where they make another one.
 */
static long
check_below(const struct reader *r, const struct node *node, size_t at,
	    size_t to, size_t prefix, struct bytes *tree)
{
	const char *name = r->v[at].path + prefix;
	size_t n = strcspn(name, "/"), last = at + 1;
	const struct node *below = find_below(node, name, n);

	while (last < to && strncmp(r->v[last].path + prefix, name, n + 1) == 0)
		last++;
	if (!below || !below->id) {
		if (node->id) /* git knows a tree by all that is in it */
			return -1;
	} else if ((size_t)below->count != last - at) {
		return -1;
	} else {
		add_entry(tree, S_IFDIR, name, n, below->id, r->id_n);
	}
	if (below && check_node(r, below, at, last, prefix + n + 1) < 0)
		return -1;
	return (long)(last - at);
}

/*
 * The entries from..to are those of the directory whose name, with a slash, is
 * prefix bytes long.  0, or -1 where they make another tree.
 */
static int
check_node(const struct reader *r, const struct node *node, size_t from,
	   size_t to, size_t prefix)
{
	struct bytes tree = {0};
	int good = 1;

	for (size_t i = from; i < to && good;) {
		const struct cachetree_entry *e = &r->v[i];
		const char *name = e->path + prefix, *slash = strchr(name, '/');
		long n = 1;

		if (!slash || !slash[1]) /* or a directory of a sparse index */
			add_entry(&tree, slash ? S_IFDIR : e->mode, name,
				  strcspn(name, "/"), e->id, r->id_n);
		else
			n = check_below(r, node, i, to, prefix, &tree);
		good = n > 0;
		i += good ? (size_t)n : 0;
	}
	if (good && node->id) {
		list_add_bytes(&tree, "", 1); /* some address */
		good = object_is_named(node->id, r->id_n, OBJECT_TREE,
				       (uint8_t *)tree.p, tree.n - 1);
	}
	free(tree.p);
	return good ? 0 : -1;
}

int
cachetree_is_true(const uint8_t *p, size_t n, size_t id_n,
		  const struct cachetree_entry *v, size_t count)
{
	struct reader r = {p, p + n, id_n, v};
	struct node root;
	int good = take_node(&r, &root, DEPTH_MAX) == 0 && !*root.name &&
		   (root.count < 0 || (size_t)root.count == count) &&
		   check_node(&r, &root, 0, count, 0) == 0;

	free_node(&root);
	return good;
}
