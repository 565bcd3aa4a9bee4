/* What parses is written as text that parses to the same. */
#include "lib/rule.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char text[1024], out[288], again[288];
	struct rule r;

	if (n >= sizeof(text))
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	if (rule_parse(text, &r))
		return 0;
	rule_format(&r, out, sizeof(out));
	if (rule_parse(out, &r))
		abort();
	rule_format(&r, again, sizeof(again));
	if (strcmp(out, again) != 0)
		abort();
	return 0;
}
