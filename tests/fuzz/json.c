/* The values are within the text, and a blank before it changes nothing. */
#include "pen-ns/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *more = malloc(n + 1), *exact = malloc(n ? n : 1), *a, *b;

	memcpy(exact, data, n);
	memcpy(more + 1, data, n);
	more[0] = '\n';
	a = json_values(exact, n, "key");
	b = json_values(more, n + 1, "key");
	if (strlen(a) > n + 1 || strcmp(a, b) != 0)
		abort();
	free(a);
	free(b);
	free(exact);
	free(more);
	return 0;
}
