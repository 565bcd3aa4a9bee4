/*
 * pen-system: the options of pen-ns that show the running system's programs.
 */
#include <stdio.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/opt.h"
#include "lib/system.h"

static const struct opt table[] = {{0}};

static const struct opt_tool tool = {
    .usage = "",
    .purpose = "Prints what pen-ns --system stands for.",
    .opts = table,
};

int
main(int argc, char **argv)
{
	struct strv words = {0};

	err_prog = "pen-system";
	if (opt_parse(&tool, NULL, argc, argv) < argc)
		die_hint("pen-system --help says what it prints",
			 "it takes no arguments");
	system_add(&words);
	for (size_t i = 0; i < words.n; i++)
		fwrite(words.v[i], strlen(words.v[i]) + 1, 1, stdout);
	putchar('\0'); /* all is said */
	if (fflush(stdout) != 0 || ferror(stdout))
		die(ERR_TOOL, "cannot write: %m");
	return 0;
}
