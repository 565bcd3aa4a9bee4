// needs: pen-shell/confine pen-shell/calls
/*
 * confine [free]: what is left to the relay once it is confined, or without
 * that (the control): a line "NAME ok" or "NAME errno" for each attempt.
 */
#include "pen-shell/confine.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

#include "../lib/attempts.h"

static int tty;

static long
try_write(void)
{
	return open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
}

static long
try_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static long
try_group(void)
{
	return kill(0, 0);
}

static long
try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

static long
try_protect(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	return mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static long
try_type(void)
{
	char c = 'x';

	return ioctl(tty, TIOCSTI, &c);
}

static long
try_size(void)
{
	struct winsize size;

	return ioctl(tty, TIOCGWINSZ, &size);
}

static long
try_trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long
try_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static const struct attempt all[] = {
    {"open", try_open},		{"write", try_write},	{"exec", try_exec},
    {"fork", try_fork},		{"socket", try_socket}, {"unix", try_unix},
    {"kill", try_kill},		{"group", try_group},	{"code", try_code},
    {"protect", try_protect},	{"type", try_type},	{"size", try_size},
    {"dumpable", try_dumpable}, {"trace", try_trace}};

int
main(int argc, char **argv)
{
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (argc < 2 || strcmp(argv[1], "free") != 0)
		confine_self();
	return attempts_make(all, sizeof(all) / sizeof(*all));
}
