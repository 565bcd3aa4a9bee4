#include "lib/confine.h"

#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/caps.h"
#include "lib/err.h"

void
confine_process(const char *who, const struct landlock *reach)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	if (chdir("/") < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot confine %s: %m", who);
	/* an ordinary user has nothing to drop, and may not */
	if (caps_effective() & CAPS_BIT(CAP_SETPCAP))
		caps_bound(0);
	caps_set(0, 0);
	if (landlock_restrict(reach) < 0)
		die(ERR_TOOL, "cannot confine %s: Landlock: %m", who);
}

void
confine_calls(const char *who)
{
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &confine_program) <
	    0)
		die_hint("the kernel needs CONFIG_SECCOMP_FILTER",
			 "cannot confine %s: %m", who);
}
