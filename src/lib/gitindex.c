#include "lib/gitindex.h"

#include <limits.h>
#include <string.h>

/* Of an entry, before its hash; then there are flags and the name. */
#define MODE_AT 24
#define HASH_AT 40

#define MTIME_AT 8
#define SIZE_AT 36

#define FLAG_VALID 0x8000 /* git update-index --assume-unchanged */
#define FLAG_EXTENDED 0x4000
#define FLAG_SKIP 0x4000 /* of the second flags: --skip-worktree */
#define NAME_MASK 0xfff

/* Smaller than any entry is: the header's count is checked with it. */
#define ENTRY_MIN (HASH_AT + 20 + 3)

/* A bitmap of git's, EWAH: runs of 64-bit words, and literal ones. */
struct bits {
	const uint8_t *p, *end;
	uint64_t run, literals, word; /* a run is counted in bits */
	unsigned left;		      /* bits of word */
	int bit;
};

struct index {
	const uint8_t *p, *end; /* without the checksum */
	size_t hash;
	unsigned long version, count;
	const uint8_t *blocks; /* of the offset table, or NULL */
	size_t blocks_n;
	int split, fsmonitor;
	struct bits dirty; /* entries that the monitor knows to have changed */
	char name[PATH_MAX]; /* of the last entry */
	size_t name_n;
};

static unsigned long
be32(const uint8_t *p)
{
	return (unsigned long)p[0] << 24 | (unsigned long)p[1] << 16 |
	       (unsigned long)p[2] << 8 | p[3];
}

static uint64_t
be64(const uint8_t *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

/* The next bit; 0 behind the last one. */
static int
take_bit(struct bits *b)
{
	while (b->left == 0 && b->run == 0) {
		if (b->end - b->p < 8)
			return 0;
		b->word = be64(b->p);
		b->p += 8;
		if (b->literals > 0) {
			b->literals--;
			b->left = 64;
		} else {
			b->bit = (int)(b->word & 1);
			b->run = (b->word >> 1 & 0xffffffff) * 64;
			b->literals = b->word >> 33;
		}
	}
	if (b->left > 0) {
		int bit = (int)(b->word & 1);

		b->word >>= 1;
		b->left--;
		return bit;
	}
	b->run--;
	return b->bit;
}

/* git's varint, the offset encoding of packs; NULL when it does not end. */
static const uint8_t *
take_varint(const uint8_t *p, const uint8_t *end, size_t *out)
{
	size_t v = 0;

	for (int i = 0; p < end && i < 4; i++) {
		v = (v << 7) + (*p & 0x7f) + (i > 0 ? 1 << 7 : 0);
		if (!(*p++ & 0x80)) {
			*out = v;
			return p;
		}
	}
	return NULL;
}

/*
 * Takes the name at p, whose length the flags tell again; the last one is
 * still in x->name, and version 4 has only the difference.  What comes behind
 * the entry, which begins at entry, or NULL.
 */
static const uint8_t *
take_name(struct index *x, const uint8_t *entry, const uint8_t *p, size_t told,
	  int first)
{
	size_t strip = x->name_n, keep, n;
	const uint8_t *nul;

	if (x->version == 4)
		p = take_varint(p, x->end, &strip);
	if (!p || strip > x->name_n || (first && strip != x->name_n))
		return NULL;
	nul = memchr(p, 0, (size_t)(x->end - p));
	if (!nul)
		return NULL;
	keep = x->name_n - strip;
	n = (size_t)(nul - p);
	if (n >= sizeof(x->name) - keep ||
	    (told < NAME_MASK ? keep + n != told : keep + n < NAME_MASK))
		return NULL;
	memcpy(x->name + keep, p, n + 1);
	x->name_n = keep + n;
	if (x->version == 4)
		return nul + 1;
	n = ((size_t)(nul - entry) + 8) & ~(size_t)7; /* 1 to 8 NULs */
	return n <= (size_t)(x->end - entry) ? entry + n : NULL;
}

/* What there is to know of the entry at p, whose name is in x. */
static void
call_entry(struct index *x, const uint8_t *p, gitindex_fn *fn, void *arg)
{
	const uint8_t *flags = p + HASH_AT + x->hash;
	unsigned word = (unsigned)(flags[0] << 8 | flags[1]);
	struct gitindex_entry e = {.path = x->name,
				   .id = p + HASH_AT,
				   .id_n = x->hash,
				   .mode = be32(p + MODE_AT),
				   .mtime = be32(p + MTIME_AT),
				   .mtime_nsec = be32(p + MTIME_AT + 4),
				   .size = be32(p + SIZE_AT),
				   .stage = (int)(word >> 12 & 3)};

	if (word & FLAG_VALID ||
	    (word & FLAG_EXTENDED && (flags[2] << 8 | flags[3]) & FLAG_SKIP))
		e.marks |= GITINDEX_FLAG;
	if (x->fsmonitor && !take_bit(&x->dirty))
		e.marks |= GITINDEX_MONITOR;
	fn(arg, &e);
}

/* The entry at p, whose name is then in x; what comes behind it, or NULL. */
static const uint8_t *
take_entry(struct index *x, const uint8_t *p, int first)
{
	const uint8_t *flags = p + HASH_AT + x->hash;
	size_t told, fixed = HASH_AT + x->hash + 2;

	if ((size_t)(x->end - p) < fixed + 2)
		return NULL;
	told = (size_t)(flags[0] << 8 | flags[1]);
	if (told & FLAG_EXTENDED) {
		if (x->version < 3)
			return NULL;
		fixed += 2;
	}
	return take_name(x, p, p + fixed, told & NAME_MASK, first);
}

/*
 * Reads all entries.  With the offset table, each block of it must begin where
 * an entry does: several threads of git read a block each.
 */
static const uint8_t *
take_entries(struct index *x, const uint8_t *p, gitindex_fn *fn, void *arg)
{
	size_t block = 0, left = 0;

	x->name_n = 0;
	for (unsigned long i = 0; i < x->count; i++) {
		const uint8_t *entry = p;

		if (x->blocks && left == 0) {
			const uint8_t *b = x->blocks + 8 * block;

			if (block++ == x->blocks_n ||
			    be32(b) != (unsigned long)(p - x->p))
				return NULL;
			left = be32(b + 4);
			if (left == 0)
				return NULL;
			left--;
			p = take_entry(x, p, 1);
		} else {
			left -= left > 0;
			p = take_entry(x, p, 0);
		}
		if (!p)
			return NULL;
		if (fn)
			call_entry(x, entry, fn, arg);
		/* of a split index: the entry of another file is replaced */
		x->split |= x->name_n == 0;
	}
	return left == 0 && block == x->blocks_n ? p : NULL;
}

/*
 * Git looks for the end of the entries where an extension for that would be if
 * it is the last one, and believes it; p is where they end.
 */
static int
check_end(const struct index *x, const uint8_t *p)
{
	size_t size = 4 + x->hash;
	const uint8_t *at;

	if ((size_t)(x->end - p) < 8 + size)
		return 0;
	at = x->end - 8 - size;
	if (memcmp(at, "EOIE", 4) == 0 && be32(at + 4) == size &&
	    be32(at + 8) != (unsigned long)(p - x->p))
		return -1;
	return 0;
}

/* What a monitor of the file system has told git, which then looks no more. */
static void
take_fsmonitor(struct index *x, const uint8_t *p, size_t n)
{
	const uint8_t *end = p + n, *nul;
	unsigned long version = n > 4 ? be32(p) : 0;
	size_t size;

	p += 4;
	nul = version == 2 ? memchr(p, 0, (size_t)(end - p)) : NULL;
	if (version == 1 && end - p > 8)
		p += 8;
	else if (nul)
		p = nul + 1;
	else
		return; /* git knows no other */
	/* its size, of it bits and words, and behind the words a number more */
	if (end - p < 12)
		return;
	size = be32(p + 8);
	if ((size_t)(end - p - 12) / 8 < size)
		return;
	x->fsmonitor = 1;
	x->dirty = (struct bits){.p = p + 12, .end = p + 12 + 8 * size};
}

/* The extensions, which begin at p.  0, or -1. */
static int
take_extensions(struct index *x, const uint8_t *p)
{
	if (check_end(x, p) < 0)
		return -1;
	while (x->end - p >= 8) {
		size_t size = be32(p + 4);

		if (size > (size_t)(x->end - p) - 8)
			return -1;
		if (memcmp(p, "link", 4) == 0)
			x->split = 1;
		if (memcmp(p, "FSMN", 4) == 0)
			take_fsmonitor(x, p + 8, size);
		if (memcmp(p, "IEOT", 4) == 0) {
			if (x->blocks || size < 12 || (size - 4) % 8 != 0)
				return -1;
			x->blocks = p + 12;
			x->blocks_n = (size - 4) / 8;
		}
		p += 8 + size;
	}
	return p == x->end ? 0 : -1;
}

static enum gitindex
read_as(const uint8_t *p, size_t n, size_t hash, gitindex_fn *fn, void *arg)
{
	struct index x = {.p = p, .hash = hash};
	const uint8_t *end;

	if (n < 12 + hash || memcmp(p, "DIRC", 4) != 0)
		return GITINDEX_BAD;
	x.end = p + n - hash;
	x.version = be32(p + 4);
	x.count = be32(p + 8);
	if (x.version < 2 || x.version > 4 || x.count > n / ENTRY_MIN)
		return GITINDEX_BAD;
	end = take_entries(&x, p + 12, NULL, NULL);
	if (!end || take_extensions(&x, end) < 0)
		return GITINDEX_BAD;
	if ((x.blocks || fn) && !take_entries(&x, p + 12, fn, arg))
		return GITINDEX_BAD;
	return x.split ? GITINDEX_SPLIT : GITINDEX_OK;
}

enum gitindex
gitindex_each(const uint8_t *p, size_t n, gitindex_fn *fn, void *arg)
{
	enum gitindex a = read_as(p, n, 20, fn, arg);
	enum gitindex b = read_as(p, n, 32, fn, arg);

	/* the wrong length makes no sense but where somebody meant it to */
	if (a == GITINDEX_SPLIT || b == GITINDEX_SPLIT)
		return GITINDEX_SPLIT;
	return a == GITINDEX_OK || b == GITINDEX_OK ? GITINDEX_OK
						    : GITINDEX_BAD;
}

const uint8_t *
gitindex_extension(const uint8_t *p, size_t n, size_t id_n, const char *name,
		   size_t *size)
{
	struct index x = {.p = p, .hash = id_n};
	const uint8_t *at;

	if (read_as(p, n, id_n, NULL, NULL) == GITINDEX_BAD)
		return NULL;
	x.end = p + n - id_n;
	x.version = be32(p + 4);
	x.count = be32(p + 8);
	at = take_entries(&x, p + 12, NULL, NULL);
	for (; at && x.end - at >= 8; at += 8 + *size) {
		*size = be32(at + 4);
		if (memcmp(at, name, 4) == 0)
			return at + 8;
	}
	return NULL;
}
