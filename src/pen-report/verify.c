#include "pen-report/verify.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/beneath.h"
#include "lib/mem.h"
#include "lib/sha.h"
#include "pen-report/objects.h"
#include "pen-report/packindex.h"

#define CHUNK ((size_t)64 << 10)

/* Of the objects that deltas are applied to, at once. */
#define HELD_MAX ((size_t)256 << 20)

#define NONE UINT32_MAX

/* Takes n bytes of one object; -1 where it is too much. */
static int
charge_bytes(struct verify *v, uint64_t n)
{
	if (v->objects == 0 || v->bytes < n)
		return -1;
	v->bytes -= n;
	return 0;
}

/* A loose object's name is the hash of all that it inflates to. */
static enum verified
hash_loose(struct verify *v, int fd, const uint8_t *id, size_t id_n)
{
	uint8_t digest[OBJECT_ID_MAX], *in = mem_grow(NULL, 2 * CHUNK, 1);
	z_stream z = {.avail_out = (uInt)CHUNK};
	int r = inflateInit(&z) == Z_OK ? Z_OK : Z_MEM_ERROR;
	enum verified found = VERIFY_FORGED;
	struct sha s;
	ssize_t got;

	sha_start(&s, id_n);
	while (r == Z_OK && (got = read(fd, in, CHUNK)) > 0) {
		z.next_in = in;
		z.avail_in = (uInt)got;
		do {
			z.next_out = in + CHUNK;
			z.avail_out = (uInt)CHUNK;
			r = inflate(&z, Z_NO_FLUSH);
			if (charge_bytes(v, CHUNK - z.avail_out) < 0) {
				found = VERIFY_UNKNOWN;
				r = Z_MEM_ERROR;
			}
			sha_add(&s, in + CHUNK, CHUNK - z.avail_out);
		} while (r == Z_OK && z.avail_out == 0);
	}
	inflateEnd(&z);
	sha_end(&s, digest);
	free(in);
	return r == Z_STREAM_END && memcmp(digest, id, id_n) == 0 ? VERIFY_GOOD
								  : found;
}

enum verified
verify_loose(struct verify *v, int objects, const char *path)
{
	char text[2 * OBJECT_ID_MAX + 1];
	uint8_t id[OBJECT_ID_MAX];
	size_t n = strlen(path), id_n;
	enum verified found;
	int fd;

	if (n > sizeof(text) || n < 4)
		return VERIFY_UNKNOWN;
	memcpy(text, path, 2);
	memcpy(text + 2, path + 3, n - 2); /* with the NUL */
	id_n = object_id(text, id);
	if (id_n == 0)
		return VERIFY_UNKNOWN;
	fd = beneath_open(objects, path, O_RDONLY);
	if (fd < 0)
		return VERIFY_UNKNOWN;
	found = hash_loose(v, fd, id, id_n);
	v->objects -= v->objects > 0;
	close(fd);
	return found;
}

/* An object of a pack, and the deltas that are made on it. */
struct item {
	uint64_t offset;
	const uint8_t *id;
	uint32_t child, next;
	int is_delta, done;
};

struct pack_check {
	struct verify *v;
	int fd;
	const uint8_t *index;
	size_t index_n, id_n, held;
	struct item *items; /* by offset */
	size_t n;
	enum verified found;
};

static int
by_offset(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The head of an item: where its bytes begin, 0 where it has none. */
static uint64_t
read_head(const struct pack_check *c, const struct item *it,
	  enum object_type *type, size_t *size, uint64_t *base)
{
	uint8_t head[64];
	ssize_t got = pread(c->fd, head, sizeof(head), (off_t)it->offset);
	uint64_t back;
	size_t at = got > 0
			? object_pack_head(head, (size_t)got, type, size, &back)
			: 0;

	if (at == 0)
		return 0;
	if (*type == OBJECT_OFFSET_DELTA) {
		if (back == 0 || back > it->offset)
			return 0;
		*base = it->offset - back;
	} else if (*type == OBJECT_ID_DELTA) {
		if (at + c->id_n > (size_t)got ||
		    packindex_find(c->index, c->index_n, head + at, c->id_n,
				   base) < 0)
			return 0;
		at += c->id_n;
	} else if (*type < OBJECT_COMMIT || *type > OBJECT_TAG) {
		return 0;
	}
	return it->offset + at;
}

/* Hangs each delta below its base. */
static void
link_items(struct pack_check *c)
{
	for (size_t i = 0; i < c->n; i++) {
		struct item key, *it = &c->items[i], *base;
		enum object_type type;
		size_t size;

		if (read_head(c, it, &type, &size, &key.offset) == 0) {
			c->found = VERIFY_FORGED;
			return;
		}
		it->is_delta = type > OBJECT_TAG;
		if (!it->is_delta)
			continue;
		base = bsearch(&key, c->items, c->n, sizeof(key), by_offset);
		if (base) {
			it->next = base->child;
			base->child = (uint32_t)i;
		}
	}
}

/* The object i, of n bytes at p, and what is made of it. */
static void
check_item(struct pack_check *c, size_t i, enum object_type type,
	   const uint8_t *p, size_t n, int depth)
{
	struct item *it = &c->items[i];
	enum object_type own;
	uint64_t at, base;
	size_t size;

	it->done = 1;
	if (charge_bytes(c->v, n) < 0 || depth == 0 || c->held > HELD_MAX) {
		c->found = VERIFY_UNKNOWN;
		return;
	}
	c->v->objects--;
	if (!object_is_named(it->id, c->id_n, type, p, n)) {
		c->found = VERIFY_FORGED;
		return;
	}
	c->held += n;
	for (uint32_t k = it->child; k != NONE && c->found == VERIFY_GOOD;
	     k = c->items[k].next) {
		uint8_t *delta, *out = NULL;
		size_t out_n;

		at = read_head(c, &c->items[k], &own, &size, &base);
		delta = at == 0 || size > OBJECTS_MAX ||
				charge_bytes(c->v, size) < 0
			    ? NULL
			    : objects_inflate(c->fd, (off_t)at, size);
		if (delta)
			out = object_patch(delta, size, p, n, OBJECTS_MAX,
					   &out_n);
		free(delta);
		if (out)
			check_item(c, k, type, out, out_n, depth - 1);
		else
			c->found = VERIFY_FORGED;
		free(out);
	}
	c->held -= n;
}

static void
check_items(struct pack_check *c)
{
	for (size_t i = 0; i < c->n && c->found == VERIFY_GOOD; i++) {
		enum object_type type;
		uint64_t at, base;
		uint8_t *p;
		size_t size;

		if (c->items[i].is_delta)
			continue;
		at = read_head(c, &c->items[i], &type, &size, &base);
		if (at == 0 || size > OBJECTS_MAX) {
			c->found = at ? VERIFY_UNKNOWN : VERIFY_FORGED;
			return;
		}
		p = objects_inflate(c->fd, (off_t)at, size);
		if (p)
			check_item(c, i, type, p, size, OBJECTS_DEPTH);
		else
			c->found = VERIFY_FORGED;
		free(p);
	}
	/* deltas on each other, or on what is not there */
	for (size_t i = 0; i < c->n && c->found == VERIFY_GOOD; i++)
		if (!c->items[i].done)
			c->found = VERIFY_FORGED;
}

/* An index of another version, or none, is none that can be told. */
static enum verified
read_index(struct pack_check *c)
{
	if (packindex_count(c->index, c->index_n, c->id_n, &c->n) < 0)
		return VERIFY_FORGED;
	if (c->n > c->v->objects)
		return VERIFY_UNKNOWN;
	c->items = mem_alloc((c->n + 1) * sizeof(*c->items));
	for (size_t i = 0; i < c->n; i++) {
		struct item *it = &c->items[i];

		it->id = packindex_entry(c->index, c->index_n, c->id_n, i,
					 &it->offset);
		it->child = it->next = NONE;
		if (!it->id)
			return VERIFY_FORGED;
	}
	qsort(c->items, c->n, sizeof(*c->items), by_offset);
	return VERIFY_GOOD;
}

static uint8_t *
map(int objects, const char *stem, const char *end, size_t *n)
{
	char *path = mem_join(stem, end);
	uint8_t *p = objects_map(beneath_open(objects, path, O_RDONLY), n);

	free(path);
	return p;
}

enum verified
verify_pack(struct verify *v, int objects, const char *stem, size_t id_n)
{
	struct pack_check c = {.v = v, .id_n = id_n};
	char *path = mem_join(stem, ".pack");
	uint8_t *index = map(objects, stem, ".idx", &c.index_n);

	c.fd = beneath_open(objects, path, O_RDONLY);
	free(path);
	c.index = index;
	/* git reads nothing of one without the other */
	if (index && c.fd >= 0) {
		c.found = read_index(&c);
		if (c.found == VERIFY_GOOD)
			link_items(&c);
		if (c.found == VERIFY_GOOD)
			check_items(&c);
	}
	free(c.items);
	if (index)
		munmap(index, c.index_n);
	if (c.fd >= 0)
		close(c.fd);
	return c.found;
}

#define MIDX_HEAD 12
#define GRAPH_HEAD 8
#define OFFSET_LARGE UINT32_C(0x80000000)

/* The length of ids by the number that git has for the hash, or 0. */
static size_t
id_length(uint8_t version)
{
	return version == 1 ? SHA1_SIZE : version == 2 ? SHA256_SIZE : 0;
}

/* The chunks of a multi-pack-index. */
struct midx {
	const uint8_t *names, *ids, *offsets, *large;
	size_t names_n, ids_n, offsets_n, large_n, id_n, n;
};

/* What it says of one pack's objects is what the pack's own index says. */
static enum verified
check_midx_pack(const struct midx *m, uint32_t pack, const uint8_t *index,
		size_t index_n)
{
	for (size_t i = 0; i < m->n; i++) {
		const uint8_t *at = m->offsets + 8 * i;
		uint64_t is = packindex_be32(at + 4), want;

		if (packindex_be32(at) != pack)
			continue;
		if (is & OFFSET_LARGE && m->large) {
			is &= OFFSET_LARGE - 1;
			if (is >= m->large_n / 8)
				return VERIFY_FORGED;
			at = m->large + 8 * is;
			is = (uint64_t)packindex_be32(at) << 32 |
			     packindex_be32(at + 4);
		}
		if (!index ||
		    packindex_find(index, index_n, m->ids + m->id_n * i,
				   m->id_n, &want) < 0 ||
		    want != is)
			return VERIFY_FORGED;
	}
	return VERIFY_GOOD;
}

static enum verified
check_midx(const struct midx *m, int objects)
{
	const char *name = (const char *)m->names;
	const char *end = name + m->names_n;
	enum verified found = VERIFY_GOOD;

	for (uint32_t pack = 0; found == VERIFY_GOOD; pack++) {
		const char *nul = memchr(name, 0, (size_t)(end - name));
		uint8_t *index;
		size_t index_n = 0;
		char *path;

		if (!nul || nul == name) /* padding */
			break;
		if (pack == OBJECTS_PACKS)
			return VERIFY_UNKNOWN;
		path = mem_join("pack/", name);
		index = map(objects, path, "", &index_n);
		found = check_midx_pack(m, pack, index, index_n);
		if (index)
			munmap(index, index_n);
		free(path);
		name = nul + 1;
	}
	return found;
}

enum verified
verify_midx(struct verify *v, int objects)
{
	struct midx m = {0};
	size_t n, chunks;
	uint8_t *p = map(objects, "pack/multi-pack-index", "", &n);
	enum verified found = VERIFY_FORGED;

	if (!p)
		return VERIFY_UNKNOWN;
	if (n > MIDX_HEAD && memcmp(p, "MIDX", 4) == 0 &&
	    (m.id_n = id_length(p[5])) > 0) {
		chunks = p[6];
		m.names = packindex_chunk(p, n, MIDX_HEAD, chunks, "PNAM",
					  &m.names_n);
		m.ids =
		    packindex_chunk(p, n, MIDX_HEAD, chunks, "OIDL", &m.ids_n);
		m.offsets = packindex_chunk(p, n, MIDX_HEAD, chunks, "OOFF",
					    &m.offsets_n);
		m.large = packindex_chunk(p, n, MIDX_HEAD, chunks, "LOFF",
					  &m.large_n);
		m.n = m.ids_n / m.id_n;
	}
	if (m.names && m.ids && m.offsets && m.offsets_n / 8 >= m.n)
		found =
		    m.n > v->objects ? VERIFY_UNKNOWN : check_midx(&m, objects);
	munmap(p, n);
	return found;
}

#define PARENT_NONE UINT32_C(0x70000000)

/* The chunks of a commit-graph. */
struct graph {
	const uint8_t *ids, *data;
	size_t ids_n, data_n, id_n, n;
	int chained; /* parents are counted through others, too */
};

/* What the graph says of commit i is what the commit says. */
static enum verified
check_commit(struct verify *v, const struct graph *g, const struct objects *o,
	     size_t i)
{
	const uint8_t *data = g->data + (g->id_n + 16) * i;
	uint8_t tree[OBJECT_ID_MAX], parent[OBJECT_ID_MAX], *p;
	uint32_t first = packindex_be32(data + g->id_n);
	size_t n;
	int parents, good;

	p = objects_read(o, g->ids + g->id_n * i, OBJECT_COMMIT, &n);
	if (charge_bytes(v, p ? n : 0) < 0) {
		free(p);
		return VERIFY_UNKNOWN;
	}
	v->objects--;
	good = p && object_commit(p, n, g->id_n, tree, parent, &parents) == 0 &&
	       memcmp(tree, data, g->id_n) == 0;
	free(p);
	if (!good)
		return VERIFY_FORGED;
	if (g->chained)
		return VERIFY_GOOD;
	if (!parents)
		return first == PARENT_NONE ? VERIFY_GOOD : VERIFY_FORGED;
	return first < g->n &&
		       memcmp(parent, g->ids + g->id_n * first, g->id_n) == 0
		   ? VERIFY_GOOD
		   : VERIFY_FORGED;
}

enum verified
verify_graph(struct verify *v, int common, int objects, const char *path)
{
	struct graph g = {0};
	struct objects o;
	size_t n;
	uint8_t *p = map(objects, path, "", &n);
	enum verified found = VERIFY_FORGED;

	if (!p)
		return VERIFY_UNKNOWN;
	if (n > GRAPH_HEAD && memcmp(p, "CGPH", 4) == 0 &&
	    (g.id_n = id_length(p[5])) > 0) {
		g.ids =
		    packindex_chunk(p, n, GRAPH_HEAD, p[6], "OIDL", &g.ids_n);
		g.data =
		    packindex_chunk(p, n, GRAPH_HEAD, p[6], "CDAT", &g.data_n);
		g.n = g.ids_n / g.id_n;
		g.chained = p[7] != 0;
	}
	if (g.ids && g.data && g.data_n / (g.id_n + 16) >= g.n &&
	    objects_open(&o, common, g.id_n) == 0) {
		found = VERIFY_GOOD;
		for (size_t i = 0; i < g.n && found == VERIFY_GOOD; i++)
			found = check_commit(v, &g, &o, i);
		objects_close(&o);
	}
	munmap(p, n);
	return found;
}
