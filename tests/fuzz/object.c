/* A reply of the control socket: what is taken from it can be shown. */
#include "pen-shell/object.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), value[64];

	if (!text)
		abort();
	memcpy(text, data, n);
	text[n] = '\0';
	object_get(text, "name", value, sizeof(value));
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			abort();
	if (strlen(value) >= sizeof(value))
		abort();
	object_true(text, "ok");
	free(text);
	return 0;
}
