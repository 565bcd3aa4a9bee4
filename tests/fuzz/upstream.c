/* An upstream proxy's answer, whole and grown byte by byte. */
#include "pen-sni/upstream.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *p = (const char *)data;
	size_t whole_used = 0, used = 0;
	int whole, grown = 0;

	if (n > UPSTREAM_MAX)
		n = UPSTREAM_MAX;
	whole = upstream_answer(p, n, &whole_used);
	for (size_t i = 1; i <= n && grown == 0; i++)
		grown = upstream_answer(p, i, &used);
	if (whole != grown || used != whole_used || used > n)
		abort();
	return 0;
}
