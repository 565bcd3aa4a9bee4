/* Two texts and a diff, each ended by NUL: nothing taken is the old text. */
#include "pen-review/hunks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The text up to the next NUL, or to the end. */
static char *
take(const uint8_t **data, size_t *n)
{
	size_t k = strnlen((const char *)*data, *n);
	char *text = strndup((const char *)*data, k);

	k += k < *n;
	*data += k;
	*n -= k;
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *a = take(&data, &n), *b = take(&data, &n);
	char *diff = take(&data, &n), *text;
	size_t hunks, len;
	struct hunk *v;

	if (hunks_parse(&v, &hunks, diff) == 0) {
		text = hunks_apply(v, hunks, a, b, &len);
		if (text && strcmp(text, a) != 0)
			abort();
		free(text);
		for (size_t i = 0; i < hunks; i++) {
			if (v[i].text < diff ||
			    v[i].text + v[i].n > diff + strlen(diff))
				abort();
			v[i].take = 1;
		}
		text = hunks_apply(v, hunks, a, b, &len);
		if (text &&
		    (strlen(text) != len || len > strlen(a) + strlen(b)))
			abort();
		free(text);
		free(v);
	}
	free(a);
	free(b);
	free(diff);
	return 0;
}
