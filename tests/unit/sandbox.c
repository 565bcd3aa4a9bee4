/* sandbox: a filter is loaded for real, in a child that reports by its end. */
#include "lib/sandbox.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/sni_check.h"

/* Without the sanitizers' own calls, which the list lacks. */
static void
leave(int status)
{
	syscall(SYS_exit_group, status);
}

/* getppid is first, in the middle, or last of n calls. */
static int
in_child(size_t n, size_t at)
{
	int calls[SANDBOX_CALLS_MAX], status;
	pid_t pid = fork();

	if (pid == 0) {
		for (size_t i = 0; i < n; i++)
			calls[i] = SYS_exit_group;
		calls[at] = SYS_getppid;
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (sandbox_calls(calls, n) < 0)
			leave(1);
		if (syscall(SYS_getppid) != getppid())
			leave(2);
		if (syscall(SYS_getuid) != -1 || errno != EPERM)
			leave(3);
		leave(0);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status)
		       ? WEXITSTATUS(status)
		       : -1;
}

int
main(void)
{
	static const size_t lists[][2] = {
		{2, 0},
		{2, 1},
		{SANDBOX_CALLS_MAX, 0},
		{SANDBOX_CALLS_MAX, SANDBOX_CALLS_MAX / 2},
		{SANDBOX_CALLS_MAX, SANDBOX_CALLS_MAX - 1}};
	static const int call = SYS_exit_group;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		int code = in_child(lists[i][0], lists[i][1]);

		CHECK(code == 0, "list %zu: %d", i, code);
	}
	CHECK(sandbox_calls(&call, SANDBOX_CALLS_MAX + 1) == -1 &&
		      errno == E2BIG,
	      "a list that is too long");
	return 0;
}
