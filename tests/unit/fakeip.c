// needs: pen-sni/fakeip pen-sni/rate
/* fakeip: all names that there is an address for, and no more. */
#include "pen-sni/fakeip.h"

#include <stdio.h>
#include <string.h>

#include "../lib/sni_check.h"

static struct fakeips names;
static int64_t now = 1;

static int
number(char kind, unsigned i, int wildcard)
{
	char text[64];
	int fresh, n;

	snprintf(text, sizeof(text), "%c%u.%stest", kind, i,
		 wildcard ? "wild." : "");
	now += 1000; /* another one below a wildcard each second */
	n = fakeip_number(&names, text, wildcard, now, &fresh);
	CHECK(n < 0 || strcmp(fakeip_text(&names, n), text) == 0, "%s", text);
	return n;
}

int
main(void)
{
	fakeip_init(&names);
	for (unsigned i = 0; i < FAKEIP_WILD_MAX; i++)
		CHECK(number('a', i, 1) == (int)i, "%u", i);
	CHECK(number('x', 0, 1) < 0, "wildcards are used up");
	CHECK(number('a', 7, 1) == 7, "what is known stays");
	for (unsigned i = 0; i < FAKEIP_MAX - FAKEIP_WILD_MAX; i++)
		CHECK(number('b', i, 0) == FAKEIP_WILD_MAX + (int)i,
		      "names of rules have theirs: %u", i);
	CHECK(number('y', 0, 0) < 0, "all are used up");
	for (unsigned i = 0; i < FAKEIP_WILD_MAX; i += 97) {
		char text[64];

		snprintf(text, sizeof(text), "a%u.wild.test", i);
		CHECK(strcmp(fakeip_at(&names, FAKEIP_FIRST + i), text) == 0,
		      "%u", i);
	}
	CHECK(!fakeip_at(&names, FAKEIP_FIRST + FAKEIP_MAX), "behind the last");
	return 0;
}
