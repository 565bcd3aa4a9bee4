#include "pen-report/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/sha.h"

static const char *const types[] = {[OBJECT_COMMIT] = "commit",
				    [OBJECT_TREE] = "tree",
				    [OBJECT_BLOB] = "blob",
				    [OBJECT_TAG] = "tag"};

/* Far more than any header has. */
#define HEADER_MAX 32

size_t
object_header(const uint8_t *p, size_t n, enum object_type *type, size_t *size)
{
	size_t limit = n < HEADER_MAX ? n : HEADER_MAX, at, v = 0;
	const uint8_t *nul = memchr(p, 0, limit);

	if (!nul)
		return 0;
	for (int t = OBJECT_COMMIT; t <= OBJECT_TAG; t++) {
		size_t k = strlen(types[t]);

		if (k + 1 < (size_t)(nul - p) && memcmp(p, types[t], k) == 0 &&
		    p[k] == ' ') {
			for (at = k + 1; p + at < nul; at++) {
				if (p[at] < '0' || p[at] > '9' ||
				    v > (SIZE_MAX >> 8))
					return 0;
				v = v * 10 + (size_t)(p[at] - '0');
			}
			*type = (enum object_type)t;
			*size = v;
			return (size_t)(nul - p) + 1;
		}
	}
	return 0;
}

static int
hex(int c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

size_t
object_id(const char *text, uint8_t *id)
{
	size_t n = 0;

	while (n <= (size_t)2 * OBJECT_ID_MAX && hex(text[n]) >= 0)
		n++;
	if (n != 40 && n != 64)
		return 0;
	for (size_t i = 0; i < n / 2; i++)
		id[i] = (uint8_t)(hex(text[2 * i]) << 4 | hex(text[2 * i + 1]));
	return n / 2;
}

/* "word " and an id and a newline at *p, which is moved on.  0, or -1. */
static int
take_id(const uint8_t **p, const uint8_t *end, const char *word, size_t id_n,
	uint8_t *id)
{
	size_t k = strlen(word);
	char text[2 * OBJECT_ID_MAX + 2];

	if ((size_t)(end - *p) < k + 2 * id_n + 1 || memcmp(*p, word, k) != 0 ||
	    (*p)[k + 2 * id_n] != '\n')
		return -1;
	memcpy(text, *p + k, 2 * id_n);
	text[2 * id_n] = '\0';
	if (object_id(text, id) != id_n)
		return -1;
	*p += k + 2 * id_n + 1;
	return 0;
}

int
object_commit(const uint8_t *p, size_t n, size_t id_n, uint8_t *tree,
	      uint8_t *parent, int *parents)
{
	const uint8_t *end = p + n;

	if (take_id(&p, end, "tree ", id_n, tree) < 0)
		return -1;
	*parents = take_id(&p, end, "parent ", id_n, parent) == 0;
	return 0;
}

int
object_next(const uint8_t *p, size_t n, size_t id_n, size_t *at,
	    const char **name, unsigned *mode)
{
	const uint8_t *s = p + *at, *begin = s, *end = p + n, *nul;

	*mode = 0;
	while (s < end && *s >= '0' && *s <= '7' && s - begin < 7)
		*mode = *mode * 8 + (unsigned)(*s++ - '0');
	if (s == begin || s == end || *s++ != ' ')
		return 0;
	nul = memchr(s, 0, (size_t)(end - s));
	if (!nul || (size_t)(end - nul) < id_n + 1)
		return 0;
	*name = (const char *)s;
	*at = (size_t)(nul + 1 + id_n - p);
	return 1;
}

const uint8_t *
object_entry(const uint8_t *p, size_t n, size_t id_n, const char *name,
	     size_t name_n, unsigned *mode)
{
	const char *found;
	size_t at = 0;

	while (object_next(p, n, id_n, &at, &found, mode))
		if (strncmp(found, name, name_n) == 0 && !found[name_n])
			return p + at - id_n;
	return NULL;
}

/* A size of a delta: seven bits a byte, the lowest first.  0, or -1. */
static int
take_size(const uint8_t **p, const uint8_t *end, size_t *out)
{
	size_t v = 0;

	for (unsigned shift = 0; *p < end && shift < 56; shift += 7) {
		uint8_t c = *(*p)++;

		v |= (size_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*out = v;
			return 0;
		}
	}
	return -1;
}

/* The bytes of a copy's offset or size that the bits say are there. */
static int
take_bits(const uint8_t **p, const uint8_t *end, unsigned bits, unsigned n,
	  size_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < n; i++)
		if (bits & 1u << i) {
			if (*p == end)
				return -1;
			*out |= (size_t) * (*p)++ << 8 * i;
		}
	return 0;
}

/* One instruction: what it adds is appended at out, of room bytes; or -1. */
static int
take_instruction(const uint8_t **p, const uint8_t *end, const uint8_t *base,
		 size_t base_n, uint8_t *out, size_t room, size_t *added)
{
	unsigned c = *(*p)++;
	size_t from, n;

	if (c & 0x80) {
		if (take_bits(p, end, c & 0xf, 4, &from) < 0 ||
		    take_bits(p, end, c >> 4 & 7, 3, &n) < 0)
			return -1;
		n = n ? n : 0x10000;
		if (from > base_n || n > base_n - from || n > room)
			return -1;
		memcpy(out, base + from, n);
	} else {
		n = c;
		if (n == 0 || n > (size_t)(end - *p) || n > room)
			return -1;
		memcpy(out, *p, n);
		*p += n;
	}
	*added = n;
	return 0;
}

uint8_t *
object_patch(const uint8_t *p, size_t n, const uint8_t *base, size_t base_n,
	     size_t max, size_t *out_n)
{
	const uint8_t *end = p + n;
	size_t from, size, done = 0, added;
	uint8_t *out;

	if (take_size(&p, end, &from) < 0 || take_size(&p, end, &size) < 0 ||
	    from != base_n || size > max)
		return NULL;
	out = malloc(size + 1);
	while (out && p < end) {
		if (take_instruction(&p, end, base, base_n, out + done,
				     size - done, &added) < 0)
			break;
		done += added;
	}
	if (out && p == end && done == size) {
		*out_n = size;
		return out;
	}
	free(out);
	return NULL;
}

size_t
object_pack_head(const uint8_t *p, size_t n, enum object_type *type,
		 size_t *size, uint64_t *back)
{
	size_t at = 0, v;
	unsigned shift = 4;

	if (n == 0)
		return 0;
	*type = (enum object_type)(p[0] >> 4 & 7);
	v = p[0] & 0xf;
	while (p[at++] & 0x80) {
		if (at == n || shift > 56)
			return 0;
		v |= (size_t)(p[at] & 0x7f) << shift;
		shift += 7;
	}
	*size = v;
	*back = 0;
	if (*type != OBJECT_OFFSET_DELTA)
		return at;
	for (int i = 0; at < n && i < 8; i++) {
		*back = (*back << 7) + (p[at] & 0x7f) + (i ? 1u << 7 : 0);
		if (!(p[at++] & 0x80))
			return at;
	}
	return 0;
}

int
object_is_named(const uint8_t *id, size_t id_n, enum object_type type,
		const uint8_t *p, size_t n)
{
	uint8_t digest[SHA256_SIZE];
	char head[48];
	struct sha s;

	snprintf(head, sizeof(head), "%s %zu", types[type], n);
	sha_start(&s, id_n);
	sha_add(&s, head, strlen(head) + 1);
	sha_add(&s, p, n);
	sha_end(&s, digest);
	return memcmp(digest, id, id_n) == 0;
}
