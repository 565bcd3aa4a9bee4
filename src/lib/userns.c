#include "lib/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"

/* The first character of a sysctl's file, or 0 when there is none. */
static char
sysctl_char(const char *path)
{
	char c = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, &c, 1) != 1)
		c = 0;
	close(fd);
	return c;
}

/* In the order in which hosts differ. */
static const char *
remedy(int error)
{
	if (sysctl_char("/proc/sys/kernel/unprivileged_userns_clone") == '0')
		return "as root: sysctl kernel.unprivileged_userns_clone=1";
	if (sysctl_char("/proc/sys/user/max_user_namespaces") == '0')
		return "as root: sysctl user.max_user_namespaces=10000 (inside "
		       "a pen they are off unless nesting is allowed)";
	if (sysctl_char("/proc/sys/kernel/"
			"apparmor_restrict_unprivileged_userns") == '1')
		return "AppArmor restricts user namespaces here: give this "
		       "program a profile with 'userns,', or as root: sysctl "
		       "kernel.apparmor_restrict_unprivileged_userns=0";
	if (error == ENOSPC)
		return "the limit user.max_user_namespaces is reached; inside "
		       "a pen they are refused unless nesting is allowed";
	if (error == EPERM)
		return "user namespaces are refused here, as containers do: "
		       "docker run --security-opt seccomp=unconfined, or a "
		       "seccomp profile that allows unshare, clone, mount and "
		       "sethostname";
	return NULL;
}

const char *
userns_remedy(int error)
{
	int saved = errno; /* the message beside the hint says %m */
	const char *hint = remedy(error);

	errno = saved;
	return hint;
}

static void
map(int self, const char *file, unsigned inner, unsigned outer)
{
	char line[64];

	snprintf(line, sizeof(line), "%u %u 1\n", inner, outer);
	if (fd_write_file(self, file, line) == 0)
		return;
	/* verify_root_map() in kernel/user_namespace.c, Linux 5.12 */
	die_hint(errno == EPERM && outer == 0
			 ? "root may be mapped only by a root that has "
			   "CAP_SETFCAP: keep that capability, or run as an "
			   "ordinary user"
			 : userns_remedy(errno),
		 "cannot write /proc/self/%s: %m", file);
}

void
userns_map(int proc, uid_t inner_uid, uid_t outer_uid, gid_t inner_gid,
	   gid_t outer_gid)
{
	/* once: the way through the link "self" is long */
	int self = openat(proc, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (self < 0)
		die(ERR_TOOL, "cannot open /proc/self: %m");
	/* off before an unprivileged gid_map, CVE-2014-8989 */
	if (fd_write_file(self, "setgroups", "deny") < 0 && errno != ENOENT)
		die(ERR_TOOL, "cannot write /proc/self/setgroups: %m");
	map(self, "uid_map", inner_uid, outer_uid);
	map(self, "gid_map", inner_gid, outer_gid);
	close(self);
}

void
userns_enter(int flags, uid_t inner_uid, gid_t inner_gid)
{
	int proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (proc < 0)
		die(ERR_TOOL, "cannot open /proc: %m");
	if (unshare(flags | CLONE_NEWUSER) < 0)
		die_hint(userns_remedy(errno),
			 "cannot make a user namespace: %m");
	userns_map(proc, inner_uid, uid, inner_gid, gid);
	close(proc);
}
