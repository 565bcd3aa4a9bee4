#include <assert.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen-ns/ns.h"

/* Arrays and not pointers: those the start would have to adjust. */
static const char names[][20] = {
	"chown",
	"dac_override",
	"dac_read_search",
	"fowner",
	"fsetid",
	"kill",
	"setgid",
	"setuid",
	"setpcap",
	"linux_immutable",
	"net_bind_service",
	"net_broadcast",
	"net_admin",
	"net_raw",
	"ipc_lock",
	"ipc_owner",
	"sys_module",
	"sys_rawio",
	"sys_chroot",
	"sys_ptrace",
	"sys_pacct",
	"sys_admin",
	"sys_boot",
	"sys_nice",
	"sys_resource",
	"sys_time",
	"sys_tty_config",
	"mknod",
	"lease",
	"audit_write",
	"audit_control",
	"setfcap",
	"mac_override",
	"mac_admin",
	"syslog",
	"wake_alarm",
	"block_suspend",
	"audit_read",
	"perfmon",
	"bpf",
	"checkpoint_restore",
};
/* CAP_LAST_CAP is the headers'; 40 has been the newest since Linux 5.9. */
static_assert(sizeof(names) / sizeof(*names) == 41, "one name a capability");

/* The kernel's sets are 64 bits wide and have no room for more. */
#define CAP_BITS 64

/* All that take meaning from user id 0, and the ambient set; for good. */
#define SECUREBITS                                                             \
	((SECURE_ALL_BITS & ~SECBIT_KEEP_CAPS) | SECURE_ALL_LOCKS)

int
caps_number(const char *name)
{
	if (strncasecmp(name, "cap_", 4) == 0)
		name += 4;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcasecmp(name, names[i]) == 0)
			return (int)i;
	return -1;
}

uint64_t
caps_effective(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		die(ERR_TOOL, "cannot read the capabilities: %m");
	return (uint64_t)data[1].effective << 32 | data[0].effective;
}

static int
has(uint64_t set, unsigned cap)
{
	return (set >> cap & 1) != 0;
}

/* Returns the capabilities of keep that this kernel knows. */
static uint64_t
drop_bounding(uint64_t keep)
{
	for (unsigned cap = 0; cap < CAP_BITS; cap++) {
		int op = has(keep, cap) ? PR_CAPBSET_READ : PR_CAPBSET_DROP;

		if (prctl(op, cap, 0, 0, 0) >= 0)
			continue;
		if (errno == EINVAL && cap > 0)
			return keep & (UINT64_MAX >> (CAP_BITS - cap));
		die(ERR_TOOL, "cannot drop capability %u: %m", cap);
	}
	return keep;
}

/* Any bit too many is fatal, whatever was said when it was dropped. */
static void
verify_none(uint64_t extra)
{
	if (extra != 0)
		die(ERR_TOOL, "capabilities %#lx are still there",
		    (unsigned long)extra);
}

static void
verify_bounding(uint64_t keep)
{
	uint64_t have = 0;
	unsigned cap;

	for (cap = 0; cap < CAP_BITS; cap++) {
		int bounding = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

		if (bounding < 0 && errno == EINVAL && cap > 0)
			break;
		if (bounding < 0)
			die(ERR_TOOL, "cannot read capability %u back: %m",
			    cap);
		if (bounding > 0)
			have |= UINT64_C(1) << cap;
	}
	verify_none(have & ~keep);
}

uint64_t
caps_bound(uint64_t keep, uint64_t bounding)
{
	if (keep == bounding && bounding != CAPS_ALL)
		return keep;
	keep = drop_bounding(keep);
	verify_bounding(keep);
	return keep;
}

static void
limit_thread(uint64_t permitted, uint64_t inheritable)
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

/* Ambient capabilities are what an ordinary user keeps across execve(2). */
static void
limit_ambient(uint64_t keep)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (unsigned cap = 0; cap < CAP_BITS; cap++)
		if (has(keep, cap) && prctl(PR_CAP_AMBIENT,
					    PR_CAP_AMBIENT_RAISE, cap, 0, 0) <
					      0)
			die(ERR_TOOL, "cannot keep capability %u: %m", cap);
}

/* The kernel keeps the ambient set within the permitted and inheritable one. */
static void
verify_thread(uint64_t keep, int lock)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	uint64_t have = 0;

	if (syscall(SYS_capget, &head, data) < 0)
		die(ERR_TOOL, "cannot read the capabilities back: %m");
	for (unsigned i = 0; i < 2; i++)
		have |= (uint64_t)(data[i].effective | data[i].permitted |
				   data[i].inheritable)
			<< (32 * i);
	verify_none(have & ~keep);
	if (lock && prctl(PR_GET_SECUREBITS) != SECUREBITS)
		die(ERR_TOOL, "the secure bits are not set");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		die(ERR_TOOL, "no_new_privs is not set");
}

void
caps_limit(uint64_t keep, uint64_t bounding, int lock)
{
	keep = caps_bound(keep, bounding);
	limit_thread(keep | UINT64_C(1) << CAP_SETPCAP, keep);
	/* raised before the secure bits forbid to raise any */
	limit_ambient(keep);
	/* with them user id 0 has no meaning to execve(2) */
	if (lock && prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot lock the secure bits: %m");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot set no_new_privs: %m");
	limit_thread(keep, keep);
	verify_thread(keep, lock);
}
