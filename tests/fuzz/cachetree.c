/* An index and the trees that it says it has: nothing is read past its end. */
#include "pen-report/cachetree.h"

#include <stdlib.h>
#include <string.h>

#include "lib/gitindex.h"
#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct entries {
	struct cachetree_entry *v;
	size_t n, id_n;
};

static void
take(void *arg, const struct gitindex_entry *e)
{
	struct entries *all = arg;

	if (e->id_n != all->id_n)
		return;
	all->v = mem_room(all->v, all->n, sizeof(*all->v));
	all->v[all->n++] = (struct cachetree_entry){mem_copy(e->path), e->id,
						    (unsigned)e->mode};
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	for (size_t id_n = 20; id_n <= 32; id_n += 12) {
		struct entries all = {.id_n = id_n};
		const uint8_t *p;
		size_t size;

		if (gitindex_each(data, n, take, &all) == GITINDEX_OK &&
		    (p = gitindex_extension(data, n, id_n, "TREE", &size)))
			cachetree_is_true(p, size, id_n, all.v, all.n);
		for (size_t i = 0; i < all.n; i++)
			free((char *)(size_t)all.v[i].path);
		free(all.v);
	}
	return 0;
}
