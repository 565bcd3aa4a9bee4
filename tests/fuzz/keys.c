/* Answers of a terminal to a hostile program: tests/fuzz/keys.h. */
#include "keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_keys(data, n);
	return 0;
}
