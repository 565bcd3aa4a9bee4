/* A line that is taken is the one that is written of it. */
#include "pen-key/count.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char line[COUNT_LINE] = "", again[COUNT_LINE];
	struct count c;

	memcpy(line, data, n < COUNT_LINE ? n : COUNT_LINE);
	if (count_parse(line, &c) < 0)
		return 0;
	count_format(&c, again);
	if (memcmp(line, again, COUNT_LINE) != 0)
		abort();
	return 0;
}
