/* pen-shell's relay, as it runs: tests/fuzz/relay.h says what must hold. */
#include "relay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	fuzz_relay(data, n);
	return 0;
}
