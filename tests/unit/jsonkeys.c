/* Members of JSON objects: found, compared, set and removed in the text. */
#include "lib/jsonkeys.h"

#include <string.h>

#include "../lib/sni_check.h"

/* value is NULL to remove the member. */
static void
sets(const char *text, const char *name, const char *value, const char *want)
{
	struct jsonkey key = {.value = value,
			      .value_n = value ? strlen(value) : 0};
	char *got = jsonkeys_set(text, name, strlen(name), value ? &key : NULL);

	CHECK(got, "nothing for %s", text);
	CHECK(strcmp(got, want) == 0, "'%s', not '%s'", got, want);
	free(got);
}

/* The first member of each. */
static int
same(const char *a, const char *b)
{
	struct jsonkeys x, y;
	int equal;

	CHECK(jsonkeys_parse(&x, a, strlen(a)) == 0, "%s", a);
	CHECK(jsonkeys_parse(&y, b, strlen(b)) == 0, "%s", b);
	equal = jsonkeys_equal(&x.v[0], &y.v[0]);
	free(x.v);
	free(y.v);
	return equal;
}

static void
depth(void)
{
	char text[512] = "{\"a\":";
	struct jsonkeys k;

	memset(text + 5, '[', 400);
	CHECK(jsonkeys_parse(&k, text, strlen(text)) < 0, "too deep");
}

int
main(void)
{
	sets("", "a", "1", "{\n  \"a\": 1\n}\n");
	sets("{ }", "a", "1", "{\n  \"a\": 1\n}");
	sets("{\"a\":1}", "b", "[2]", "{\"a\":1,\"b\": [2]}");
	sets("{\n\t\"a\": 1\n}\n", "b", "2", "{\n\t\"a\": 1,\n\t\"b\": 2\n}\n");
	sets("{\"a\": {\"a\": 3}, \"b\": 2}", "a", "true",
	     "{\"a\": true, \"b\": 2}");
	sets("{\"a\": 1, \"b\": 2, \"c\": 3}", "a", NULL,
	     "{\"b\": 2, \"c\": 3}");
	sets("{\"a\": 1, \"b\": 2, \"c\": 3}", "b", NULL,
	     "{\"a\": 1, \"c\": 3}");
	sets("{\"a\": 1}", "a", NULL, "{}");
	sets("{\"a\": 1}", "x", NULL, "{\"a\": 1}");
	CHECK(same("{\"a\": [1, {\"b\" : 2}]}", "{\"a\":[1,{\"b\":2}]}"),
	      "blanks");
	CHECK(!same("{\"a\": \"x y\"}", "{\"a\": \"xy\"}"), "in a string");
	CHECK(same("{\"a\": \"\\\" \"}", "{\"a\":\"\\\" \"}"), "escape");
	CHECK(!same("{\"a\": \"\\\" \"}", "{\"a\":\"\\\"\"}"), "escape");
	CHECK(!same("{\"a\": 1}", "{\"a\": 12}"), "prefix");
	depth();
	return 0;
}
