#include "lib/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/err.h"

/* The kernel's sets are 64 bits wide and have no room for more. */
#define CAP_BITS 64

uint64_t
caps_effective(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		die(ERR_TOOL, "cannot read the capabilities: %m");
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

uint64_t
caps_bound(uint64_t keep)
{
	uint64_t left = 0;

	for (unsigned cap = 0; cap < CAP_BITS; cap++) {
		int kept = (keep & CAPS_BIT(cap)) != 0;
		int there = kept ? prctl(PR_CAPBSET_READ, cap, 0, 0, 0)
				 : prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);

		/* who may not drop it may have dropped it before */
		if (there < 0 && errno == EPERM)
			there = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		/* past the last one that the kernel knows */
		if (there < 0 && errno == EINVAL && cap > 0)
			break;
		if (there < 0 || (there > 0 && !kept))
			die(ERR_TOOL, "cannot drop capability %u: %m", cap);
		if (there > 0)
			left |= CAPS_BIT(cap);
	}
	return left;
}

void
caps_set(uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	for (int i = 0; i < 2; i++) {
		data[i].permitted = (uint32_t)(permitted >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = (uint32_t)(inheritable >> (32 * i));
	}
	if (syscall(SYS_capset, &head, data) < 0)
		die(ERR_TOOL, "cannot set the capabilities: %m");
}

void
caps_raise(uint64_t ambient)
{
	for (unsigned cap = 0; cap < CAP_BITS; cap++)
		if ((ambient & CAPS_BIT(cap)) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			die(ERR_TOOL, "cannot keep capability %u: %m", cap);
}
