#include "lib/limits.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/err.h"

/* Without printf(3) and its stack. */
static void
write_text(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		err_exit(ERR_TOOL); /* nobody is left to tell */
}

static void
check_limit(int resource, rlim_t unit, unsigned least, const char *what,
	    const char *hint)
{
	char digits[] = "000";
	struct rlimit r;

	if (getrlimit(resource, &r) < 0)
		die(ERR_TOOL, "cannot read the limits: %m");
	if (r.rlim_cur >= unit * least)
		return;
	for (int i = 2; i >= 0; i--, least /= 10)
		digits[i] = (char)('0' + least % 10);
	write_text(err_prog);
	write_text(what);
	write_text(digits + strspn(digits, "0"));
	write_text(hint);
	err_exit(ERR_TOOL);
}

void
limits_check(unsigned stack_kib, unsigned space_mib)
{
	check_limit(RLIMIT_STACK, 1 << 10, stack_kib,
		    ": the stack is limited to less than ",
		    " KiB\nhint: raise the limit: ulimit -s 8192\n");
	check_limit(RLIMIT_AS, 1 << 20, space_mib,
		    ": the address space is limited to less than ",
		    " MiB\nhint: raise the limit: ulimit -v unlimited\n");
}
