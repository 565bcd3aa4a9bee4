/* What is read is found, and is written as it is read again. */
#include "lib/bases.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bases b, again;
	size_t len, len_again;
	char *text, *copy;

	if (bases_parse(&b, (const char *)data, n) < 0)
		return 0;
	for (size_t i = 0; i < b.n; i++) {
		if (!bases_find(&b, b.v[i].path))
			abort();
		b.v[i].used = 1;
	}
	text = bases_text(&b, &len);
	if (bases_parse(&again, text, len) < 0 || again.n != b.n)
		abort();
	for (size_t i = 0; i < again.n; i++)
		again.v[i].used = 1;
	copy = bases_text(&again, &len_again);
	/* of one path twice, either may be the first */
	if (len != len_again)
		abort();
	free(copy);
	free(text);
	bases_free(&again);
	bases_free(&b);
	return 0;
}
