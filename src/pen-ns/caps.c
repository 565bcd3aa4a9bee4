#include <assert.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/caps.h"
#include "lib/err.h"
#include "pen-ns/caps.h"

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

/*
 * All that take meaning from user id 0, and the ambient set; for good.  Only
 * SECBIT_KEEP_CAPS is not locked: ping(8) and others set it (PR_SET_KEEPCAPS)
 * and give up where they may not.  All that it does is keep the permitted set
 * when a process leaves user id 0: that set has nothing that was not given by
 * --cap-add, and SECBIT_NO_SETUID_FIXUP keeps it then anyway.
 */
#define SECUREBITS                               \
	((SECURE_ALL_BITS & ~SECBIT_KEEP_CAPS) | \
	 (SECURE_ALL_LOCKS & ~SECBIT_KEEP_CAPS_LOCKED))

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
	/* any bit too many, whatever was said when it was dropped */
	if (have & ~keep)
		die(ERR_TOOL, "capabilities %#lx are still there",
		    (unsigned long)(have & ~keep));
	if (lock && prctl(PR_GET_SECUREBITS) != SECUREBITS)
		die(ERR_TOOL, "the secure bits are not set");
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		die(ERR_TOOL, "no_new_privs is not set");
}

void
caps_limit(uint64_t keep, int lock)
{
	keep = caps_bound(keep);
	caps_set(keep | CAPS_BIT(CAP_SETPCAP), keep);
	/* raised before the secure bits forbid to raise any */
	caps_raise(keep);
	/* with them user id 0 has no meaning to execve(2) */
	if (lock && prctl(PR_SET_SECUREBITS, SECUREBITS, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot lock the secure bits: %m");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot set no_new_privs: %m");
	caps_set(keep, keep);
	verify_thread(keep, lock);
}
