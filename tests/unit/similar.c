// needs: lib/similar
#include "lib/similar.h"

#include <string.h>

#include "../lib/sni_check.h"

static void
distance(const char *a, const char *b, size_t want)
{
	CHECK(similar_distance(a, b, 3) == want, "%s, %s: %zu", a, b,
	      similar_distance(a, b, 3));
	CHECK(similar_distance(b, a, 3) == want, "%s, %s", b, a);
}

static void
meant(const char *word, const char *name, int want)
{
	CHECK(similar_is(word, name) == want, "%s, %s", word, name);
}

int
main(void)
{
	char longest[65];

	memset(longest, 'a', 64);
	longest[64] = '\0';
	distance("", "", 0);
	distance("", "abc", 3);
	distance("abc", "abc", 0);
	distance("abc", "acb", 1);
	distance("claude", "cluade", 1);
	distance("offline", "ofline", 1);
	distance("allow", "alow", 1);
	distance("allow", "deny", 4);
	distance("kitten", "sitting", 3);
	distance(longest, longest, 4); /* too long */
	distance(longest + 1, longest + 1, 0);
	meant("cluade", "claude", 1);
	meant("off", "offline", 1);
	meant("ro", "rw", 1);
	meant("r", "rw", 0);
	meant("go", "qwen", 0);
	meant("npm", "pip", 0);
	meant("gitlab", "github", 1);
	meant("allow", "audit", 0);
	return 0;
}
