// needs: pen-report/confine pen-report/calls pen-report/manifest
// library: jansson
/*
 * account STATE TREE OTHER [free]: what is left to pen-report once it is
 * confined, or without that (the control).  It writes in the directories STATE
 * and TREE, and not in OTHER.
 */
#include "pen-report/confine.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

#include "../lib/attempts.h"
#include "lib/beneath.h"

static char **dirs;

static long
make_file(const char *dir)
{
	int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return beneath_write(fd, "made", "x", 1, 0600);
}

static long
try_state(void)
{
	return make_file(dirs[0]);
}

static long
try_tree(void)
{
	return make_file(dirs[1]);
}

static long
try_other(void)
{
	return make_file(dirs[2]);
}

static long
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long
try_trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

int
main(int argc, char **argv)
{
	static const struct attempt all[] = {
	    {"read", try_open},	  {"state", try_state},	  {"tree", try_tree},
	    {"other", try_other}, {"exec", try_exec},	  {"unix", try_unix},
	    {"kill", try_kill},	  {"socket", try_socket}, {"trace", try_trace}};
	struct tree tree = {.kind = TREE_PROJECT};
	struct manifest m = {.trees = &tree, .ntrees = 1};

	if (argc < 4)
		return 2;
	dirs = argv + 1;
	m.state_dir = argv[1];
	tree.path = argv[2];
	if (argc == 4)
		confine_self(
		    &m, open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC), -1);
	return attempts_make(all, sizeof(all) / sizeof(*all));
}
