/* hosts(5) and nsswitch.conf(5): no more addresses than there is room for. */
#include "pen-sni/hosts.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	union addr out[2];

	if (hosts_find((const char *)data, n, "a.test", out, 2) > 2)
		abort();
	hosts_order((const char *)data, n);
	return 0;
}
