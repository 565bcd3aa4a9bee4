/*
 * What holds for any input: without an escape key every byte goes on as it
 * came, with one nothing else is missing, and a console gets on.
 */
#ifndef FUZZ_KEYS_H
#define FUZZ_KEYS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/keys.h"

#define FUZZ_MAX 4096

static inline void
fuzz_must(int holds)
{
	if (!holds)
		abort();
}

/* Passes all in chunks of size; returns what came out, keys included. */
static inline size_t
fuzz_pass(int escape, const uint8_t *data, size_t n, size_t size, uint8_t *out)
{
	size_t at = 0, o = 0;
	struct keys k;

	keys_init(&k, escape);
	while (at < n) {
		size_t len = size < n - at ? size : n - at, used, taken;
		int pressed;

		taken = keys_pass(&k, data + at, len, out + o, &used, &pressed);
		fuzz_must(taken > 0 && taken <= len);
		fuzz_must(used <= len + KEYS_HOLD && k.held < KEYS_HOLD);
		fuzz_must(!pressed || escape >= 0);
		o += used;
		if (pressed) {
			memcpy(out + o, k.key, k.key_n);
			o += k.key_n;
		}
		at += taken;
	}
	return o + keys_rest(&k, out + o);
}

static inline void
fuzz_keys(const uint8_t *data, size_t n)
{
	static const size_t sizes[] = {1, 2, 3, 7, 64, 65, FUZZ_MAX};
	static uint8_t out[FUZZ_MAX + 2 * KEYS_HOLD];
	enum keys_kind kind;
	struct keys k;

	if (n > FUZZ_MAX)
		n = FUZZ_MAX;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		fuzz_must(fuzz_pass(-1, data, n, sizes[i], out) == n &&
			  memcmp(out, data, n) == 0);
		/* what is missing is a release of the escape key */
		fuzz_must(fuzz_pass(0x1d, data, n, sizes[i], out) <= n);
	}
	keys_init(&k, 0x1d);
	for (size_t at = 0, len; at < n; at += len) {
		len = keys_next(&k, data + at, n - at, &kind);
		fuzz_must(len <= n - at);
		if (len == 0)
			break;
	}
}

#endif
