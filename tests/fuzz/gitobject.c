/* What git's objects are made of: nothing is read or written past its end. */
#include "pen-report/object.h"
#include "pen-report/packindex.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
read_tree(const uint8_t *p, size_t n, size_t id_n)
{
	const char *name;
	unsigned mode;
	size_t at = 0, last = 0;

	while (object_next(p, n, id_n, &at, &name, &mode)) {
		if (at <= last || at > n || strlen(name) > n)
			abort();
		last = at;
	}
	object_entry(p, n, id_n, "a", 1, &mode);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	uint8_t id[OBJECT_ID_MAX] = {0}, tree[OBJECT_ID_MAX], *out;
	enum object_type type;
	size_t size, half = n / 2;
	uint64_t offset;
	int parents;

	object_header(data, n, &type, &size);
	object_commit(data, n, 20, tree, id, &parents);
	read_tree(data, n, 20);
	read_tree(data, n, 32);
	object_pack_head(data, n, &type, &size, &offset);
	packindex_find(data, n, id, 20, &offset);
	packindex_find(data, n, id, 32, &offset);
	if (packindex_entry(data, n, 20, n / 64, &offset) > data + n)
		abort();
	packindex_chunk(data, n, 8, n > 7 ? data[6] : 0, "OIDL", &size);
	out = object_patch(data, half, data + half, n - half, 1 << 20, &size);
	if (out && size > 1 << 20)
		abort();
	free(out);
	return 0;
}
