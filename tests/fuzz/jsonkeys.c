/* What one object has is set in another, and read again as the same. */
#include "lib/jsonkeys.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* text is another object, whose members are set in into. */
static void
set_each(const char *into, const char *text)
{
	struct jsonkeys from, now;

	if (jsonkeys_parse(&from, text, strlen(text)) < 0)
		return;
	for (size_t i = 0; i < from.n && i < 8; i++) {
		const struct jsonkey *key = &from.v[i];
		char *out = jsonkeys_set(into, key->name, key->name_n, key);
		char *without;

		if (!out)
			continue;
		if (jsonkeys_parse(&now, out, strlen(out)) < 0 ||
		    !jsonkeys_equal(jsonkeys_find(&now, key->name, key->name_n),
				    key))
			abort();
		free(now.v);
		without = jsonkeys_set(out, key->name, key->name_n, NULL);
		if (!without ||
		    jsonkeys_parse(&now, without, strlen(without)) < 0 ||
		    jsonkeys_find(&now, key->name, key->name_n))
			abort();
		free(now.v);
		free(without);
		free(out);
	}
	free(from.v);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *into = mem_part((const char *)data, n / 2);
	char *text = mem_part((const char *)data + n / 2, n - n / 2);

	set_each(into, text);
	set_each("", text);
	free(into);
	free(text);
	return 0;
}
