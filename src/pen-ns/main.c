/*
 * pen-ns: run a program in new namespaces, with a file view of its own.
 */
#include <string.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/limits.h"
#include "pen-ns/options.h"
#include "pen-ns/run.h"

/* By that name it is bubblewrap, which is a program of its own. */
static void
become_bwrap(char **argv)
{
	const char *slash = argv[0] ? strrchr(argv[0], '/') : NULL;

	if (!argv[0] || strcmp(slash ? slash + 1 : argv[0], "bwrap") != 0)
		return;
	execv(chain_sibling("pen-bwrap"), argv);
	die(ERR_TOOL, "cannot execute pen-bwrap: %m");
}

int
main(int argc, char **argv)
{
	struct ns ns = {0};

	err_prog = "pen-ns";
	limits_check(LIMITS_STACK_KIB, LIMITS_SPACE_MIB);
	become_bwrap(argv);
	options_read(&ns, argc, argv);
	run_jail(&ns, argc, argv);
}
