// needs: pen-shell/object
/* object: replies of the control socket. */
#include "pen-shell/object.h"

#include <string.h>

#include "../lib/sni_check.h"

static void
gives(const char *text, const char *key, const char *want)
{
	char value[64];
	int r = object_get(text, key, value, sizeof(value));

	CHECK(strcmp(value, want ? want : "") == 0 && (r == 0) == (want != 0),
	      "%s in %s: '%s'", key, text, value);
}

int
main(void)
{
	static const char o[] = "{\"a\": \"x\", \"n\":-12,\"ok\":true , "
				"\"e\":\"\\\"\\\\\\/\\u00e9\\u001b[m\\n\"}\n";
	char cut[4];

	gives(o, "a", "x");
	gives(o, "n", "-12");
	gives(o, "ok", "true");
	gives(o, "e", "\"\\/\xc3\xa9\\x1b[m\\x0a");
	gives(o, "b", NULL);
	gives("{}", "a", NULL);
	gives("", "a", NULL);
	gives("{\"a\":{\"b\":\"c\"}}", "b", NULL);
	gives("{\"a\":[1],\"b\":1}", "b", NULL);
	gives("{\"a\":\"\\ud800\"}", "a", "\xef\xbf\xbd");
	gives("{\"a\":\"\\u00g0\"}", "a", NULL);
	gives("{\"a\":\"x", "a", NULL);
	gives("{\"a\":\"x\ny\"}", "a", NULL);
	gives("{\"x\":\"\\\"a\\\":\\\"no\\\"\",\"a\":\"yes\"}", "a", "yes");
	CHECK(object_true(o, "ok") && !object_true(o, "a") &&
	      !object_true(o, "n"), "true");
	object_get("{\"a\":\"abcdef\"}", "a", cut, sizeof(cut));
	CHECK(strcmp(cut, "abc") == 0, "'%s'", cut);
	return 0;
}
