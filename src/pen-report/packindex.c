#include "pen-report/packindex.h"

#include <string.h>

#define HEAD 8
#define IDS (HEAD + (size_t)256 * 4) /* behind the header and the fan-out */
#define CHUNK_ENTRY 12

uint32_t
packindex_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static uint64_t
be64(const uint8_t *p)
{
	return (uint64_t)packindex_be32(p) << 32 | packindex_be32(p + 4);
}

int
packindex_count(const uint8_t *p, size_t n, size_t id_n, size_t *count)
{
	static const uint8_t head[HEAD] = {0xff, 't', 'O', 'c', 0, 0, 0, 2};

	if (n < IDS || memcmp(p, head, HEAD) != 0)
		return -1;
	*count = packindex_be32(p + IDS - 4);
	return (n - IDS) / (id_n + 8) < *count ? -1 : 0;
}

const uint8_t *
packindex_entry(const uint8_t *p, size_t n, size_t id_n, size_t i,
		uint64_t *offset)
{
	size_t count, offsets, large;
	uint32_t v;

	if (packindex_count(p, n, id_n, &count) < 0 || i >= count)
		return NULL;
	offsets = IDS + count * (id_n + 4);
	large = offsets + count * 4;
	v = packindex_be32(p + offsets + 4 * i);
	*offset = v;
	if (v & 0x80000000) {
		v &= 0x7fffffff;
		if ((n - large) / 8 <= v)
			return NULL;
		*offset = be64(p + large + 8 * (size_t)v);
	}
	return p + IDS + i * id_n;
}

int
packindex_find(const uint8_t *p, size_t n, const uint8_t *id, size_t id_n,
	       uint64_t *offset)
{
	size_t count, low, high;

	if (packindex_count(p, n, id_n, &count) < 0)
		return -1;
	low = id[0] ? packindex_be32(p + HEAD + 4 * (size_t)(id[0] - 1)) : 0;
	high = packindex_be32(p + HEAD + 4 * (size_t)id[0]);
	if (high > count)
		return -1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = memcmp(id, p + IDS + middle * id_n, id_n);

		if (r == 0)
			return packindex_entry(p, n, id_n, middle, offset) ? 0
									   : -1;
		if (r < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

const uint8_t *
packindex_chunk(const uint8_t *p, size_t n, size_t at, size_t chunks,
		const char *name, size_t *size)
{
	/* one entry more says where the last one ends */
	if (at > n || (n - at) / CHUNK_ENTRY < chunks + 1)
		return NULL;
	for (size_t i = 0; i < chunks; i++, at += CHUNK_ENTRY) {
		uint64_t begin = be64(p + at + 4);
		uint64_t end = be64(p + at + CHUNK_ENTRY + 4);

		if (memcmp(p + at, name, 4) != 0)
			continue;
		if (begin > end || end > n)
			return NULL;
		*size = (size_t)(end - begin);
		return p + begin;
	}
	return NULL;
}
