/*
 * An answer, whole and in pieces: the credential is found in both, and always
 * where it is there as it is; its usage is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "pen-key/echo.h"
#include "pen-key/usage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char credential[] = "sk-0123456789-abc";

static int
scan(const struct echo *e, const uint8_t *data, size_t n, size_t step,
     uint64_t *tokens)
{
	struct echo_scan s = {0};
	struct usage u = {0};
	int found = 0;

	for (size_t at = 0; at < n; at += step) {
		size_t part = n - at < step ? n - at : step;

		found |= echo_found(e, &s, data + at, part);
		usage_scan(&u, (const char *)data + at, part);
	}
	echo_end(&s);
	*tokens = usage_tokens(&u);
	return found;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct echo e;
	uint64_t tokens, others;
	int whole;

	echo_init(&e, credential, strlen(credential));
	whole = scan(&e, data, n, n ? n : 1, &tokens);
	if (!whole && memmem(data, n, credential, strlen(credential)))
		abort();
	for (size_t step = 1; step < 12; step += 5)
		if (scan(&e, data, n, step, &others) != whole ||
		    others != tokens)
			abort();
	echo_free(&e);
	return 0;
}
