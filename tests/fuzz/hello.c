/* Whole, and grown byte run by byte run: both have to come to the same. */
#include "pen-sni/hello.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct hello whole = {0}, grown = {0};
	enum hello_state a, b = HELLO_MORE;

	a = hello_parse(&whole, data, n);
	for (size_t i = 1; i <= n && b == HELLO_MORE; i += 1 + i / 8)
		b = hello_parse(&grown, data, i);
	if (b == HELLO_MORE)
		b = hello_parse(&grown, data, n);
	if (a != b && a != HELLO_BAD)
		abort();
	return 0;
}
