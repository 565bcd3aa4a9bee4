/*
 * A body, whole and in pieces: both have to be judged alike; and one that
 * passes has none of the refused names, as a stupid search sees them.
 */
#include "pen-key/members.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int
judge(const char *name, const uint8_t *data, size_t n, size_t step)
{
	struct members m;

	members_init(&m, api_find(name));
	for (size_t at = 0; at < n; at += step)
		if (members_scan(&m, data + at, n - at < step ? n - at : step) <
		    0)
			return -1;
	return members_end(&m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = {"anthropic", "openai", "gemini"};
	static const char bad[] = "{\"mcp_servers\"";

	for (size_t i = 0; i < 3; i++) {
		int whole = judge(names[i], data, n, n ? n : 1);

		for (size_t step = 1; step < 8; step += 2)
			if (judge(names[i], data, n, step) != whole)
				abort();
		if (i == 0 && whole == 0 && n >= strlen(bad) &&
		    memcmp(data, bad, strlen(bad)) == 0)
			abort();
	}
	return 0;
}
