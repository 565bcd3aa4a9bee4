// needs: pen-ctl/edit
/* edit CASE, or edit FILE… to replay the fuzzer's corpus. */
#include "pen-ctl/edit.h"

#include <string.h>

#include "../lib/sni_check.h"

static void
adds(const char *text, const char *want)
{
	char *out = edit_add(text, "profile", "default", "allow", "a.org");

	CHECK(out ? want && strcmp(out, want) == 0 : !want, "'%s' became '%s'",
	      text, out ? out : "(nothing)");
	if (out) {
		char *back =
		    edit_remove(out, "profile", "default", "allow", "a.org");

		CHECK(back, "'%s'", out);
		free(back);
	}
	free(out);
}

#define LINE "\tallow += {\"a.org\"}\n"

static void
add(void)
{
	adds("", "profile \"default\" {\n" LINE "}\n");
	adds("# x", "# x\n\nprofile \"default\" {\n" LINE "}\n");
	adds("profile default {\n}\n", "profile default {\n" LINE "}\n");
	adds("profile default {}", "profile default {\n" LINE "}");
	adds("profile 'default' { x = 1 }",
	     "profile 'default' { x = 1 \n" LINE "}");
	adds("profile default\n{\n\tx = {\"}\"}\n\t}",
	     "profile default\n{\n\tx = {\"}\"}\n" LINE "\t}");
	adds("profile default { # }\n}\n",
	     "profile default { # }\n" LINE "}\n");
	adds("profile default { // }\n}\n",
	     "profile default { // }\n" LINE "}\n");
	adds("profile default { /* } */\n}\n",
	     "profile default { /* } */\n" LINE "}\n");
	adds("profile default { x = 'it\\'s }'\n}\n",
	     "profile default { x = 'it\\'s }'\n" LINE "}\n");
	/* only a section of the top is one, and only with both words */
	adds("project \"profile default\" {\n}\n",
	     "project \"profile default\" {\n}\n\n"
	     "profile \"default\" {\n" LINE "}\n");
	adds("# profile default {\n",
	     "# profile default {\n\nprofile \"default\" {\n" LINE "}\n");
}

static void
broken(void)
{
	static const char *const texts[] = {
	    "profile default {",     "}", "profile default { \"",    "/*",
	    "profile default { } }", "'", "profile default { 'x\\'",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		adds(texts[i], NULL);
	CHECK(!edit_add("", "project", "/a\"b", "allow", "a.org"), "quote");
	CHECK(!edit_add("", "project", "/a\nb", "allow", "a.org"), "newline");
	CHECK(!edit_add("", "project", "/${HOME}", "allow", "a.org"), "env");
	CHECK(!edit_add("", "project", "/a\\", "allow", "a.org"), "escape");
}

static void
removes(void)
{
	const char *text = "profile default {\n" LINE "\tdeny = {\"a.org\"}\n"
			   "}\nproject \"/x\" {\n" LINE "}\n";
	char *out = edit_remove(text, "profile", "default", "allow", "a.org");

	CHECK(out && strcmp(out, "profile default {\n\tdeny = {\"a.org\"}\n"
				 "}\nproject \"/x\" {\n" LINE "}\n") == 0,
	      "'%s'", out ? out : "(nothing)");
	CHECK(!edit_remove(out, "profile", "default", "allow", "a.org"),
	      "again");
	CHECK(!edit_remove(text, "profile", "default", "deny", "a.org"),
	      "a line that somebody else wrote");
	CHECK(!edit_remove(text, "profile", "other", "allow", "a.org"),
	      "no such section");
	free(out);
}

static void
replay(const char *path)
{
	static char text[1 << 16];
	FILE *f = fopen(path, "r");
	char *out;

	CHECK(f, "cannot read %s", path);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	out = edit_add(text, "profile", "default", "allow", "a.org");
	CHECK(!out || strlen(out) > strlen(text), "%s", path);
	free(out);
}

int
main(int argc, char **argv)
{
	CHECK(argc > 1, "no case named");
	if (strcmp(argv[1], "add") == 0)
		add();
	else if (strcmp(argv[1], "broken") == 0)
		broken();
	else if (strcmp(argv[1], "removes") == 0)
		removes();
	else
		for (int i = 1; i < argc; i++)
			replay(argv[i]);
	return 0;
}
