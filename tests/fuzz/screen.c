/* Output of a hostile program: tests/fuzz/screen.h says what must hold. */
#include "screen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_screen(data, n);
	return 0;
}
