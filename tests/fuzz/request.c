/* What is taken has words that fit, and a lifetime within the bounds. */
#include "pen-sni/request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct request r;

	memset(&r, 0x5a, sizeof(r));
	if (request_parse((const char *)data, n, &r))
		return 0;
	if (r.verb >= REQUEST_VERBS || r.seconds > REQUEST_SECONDS_MAX ||
	    strnlen(r.rule, sizeof(r.rule)) == sizeof(r.rule) ||
	    strnlen(r.raise, sizeof(r.raise)) == sizeof(r.raise) ||
	    strchr(r.rule, ' ') || strchr(r.raise, ' '))
		abort();
	return 0;
}
