/* What is called for is a name; a file that ends earlier has no other ones. */
#include "lib/gitindex.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
look(void *arg, const struct gitindex_entry *e)
{
	size_t *calls = arg;

	if (strlen(e->path) >= PATH_MAX || e->stage > 3 || e->id[0] > 255)
		abort();
	++*calls;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t calls = 0, fewer = 0, size;

	gitindex_each(data, n, look, &calls);
	if (calls > 2 * (n / 63))
		abort();
	gitindex_extension(data, n, 20, "TREE", &size);
	gitindex_each(data, n / 2, look, &fewer);
	if (fewer > 2 * (n / 126))
		abort();
	return 0;
}
