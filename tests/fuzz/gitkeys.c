/* What one text has is taken over into another, and read again as the same. */
#include "lib/gitkeys.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *into = mem_part((const char *)data, n / 2);
	char *text = mem_part((const char *)data + n / 2, n - n / 2);
	struct gitkeys from, now;

	if (gitkeys_parse(&from, text, n - n / 2) == 0) {
		for (size_t i = 0; i < from.n && i < 8; i++) {
			char *out = gitkeys_take(into, &from, &from.v[i]);

			if (!out)
				continue;
			if (gitkeys_parse(&now, out, strlen(out)) < 0 ||
			    !gitkeys_equal(&now, &from, &from.v[i]))
				abort();
			gitkeys_free(&now);
			free(out);
		}
		gitkeys_free(&from);
	}
	free(into);
	free(text);
	return 0;
}
