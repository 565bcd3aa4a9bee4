#include "lib/userns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"

static void
write_map(int self, const char *file, unsigned inner, unsigned outer)
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
		     : chain_remedy("namespace", errno),
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
	write_map(self, "uid_map", inner_uid, outer_uid);
	write_map(self, "gid_map", inner_gid, outer_gid);
	close(self);
}

void
userns_allow_ping(int proc, gid_t gid)
{
	char range[32];

	snprintf(range, sizeof(range), "%u %u\n", gid, gid);
	/* without it ping fails, and says so */
	if (fd_write_file(proc, "sys/net/ipv4/ping_group_range", range) < 0)
		return;
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
		die_hint(chain_remedy("namespace", errno),
			 "cannot make a user namespace: %m");
	userns_map(proc, inner_uid, uid, inner_gid, gid);
	close(proc);
}
