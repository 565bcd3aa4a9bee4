// needs: pen/comment
/* comment: what comment_blank makes of a text. */
#include "pen/comment.h"

#include <string.h>

#include "../lib/sni_check.h"

static void
becomes(const char *text, const char *want)
{
	char got[128];

	strncpy(got, text, sizeof(got) - 1);
	got[sizeof(got) - 1] = '\0';
	comment_blank(got);
	CHECK(strcmp(got, want) == 0, "'%s' became '%s'", text, got);
}

static void
stays(const char *text)
{
	becomes(text, text);
}

int
main(void)
{
	becomes("# a\nb # c", "   \nb    ");
	becomes("a#b\n#", "a  \n ");
	becomes("// a \"\nb //c", "      \nb    ");
	becomes("x /* a\n b */ y", "x     \n      y");
	becomes("/**/{/***/}", "    {     }");
	becomes("{\"#a\" # \"b\n}", "{\"#a\"     \n}");
	becomes("'a\\'#' # c", "'a\\'#'    ");
	becomes("\"a\\\"#\" # c", "\"a\\\"#\"    ");
	becomes("\"${A:-\"#\"}\" # c", "\"${A:-\"#\"}\"    ");
	becomes("'${A' # }", "'${A'    ");
	becomes("${A:-#} # c", "${A:-#}    ");
	stays("");
	stays("a = {\"x // y\", '/* z */'}");
	stays("a = http://b/c\n");
	stays("/* a");
	stays("\"# a\n");
	stays("'# a");
	stays("\"a\\");
	stays("\"${# ");
	return 0;
}
