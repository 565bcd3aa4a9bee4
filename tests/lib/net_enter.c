/*
 * net_enter PID prog…: prog in the user and network namespaces of PID, with
 * every capability over them, which nobody inside has: for looking at a
 * namespace, and for opening it to prove that something else holds.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
join(const char *pid, const char *name, int type)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, type) < 0)
		err(125, "cannot join %s", path);
}

int
main(int argc, char **argv)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2];

	if (argc < 3)
		errx(125, "usage: net_enter PID prog [args...]");
	join(argv[1], "user", CLONE_NEWUSER);
	join(argv[1], "net", CLONE_NEWNET);
	if (syscall(SYS_capget, &head, d) < 0)
		err(125, "capget");
	d[0].inheritable = d[0].permitted;
	d[1].inheritable = d[1].permitted;
	if (syscall(SYS_capset, &head, d) < 0)
		err(125, "capset");
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0);
	execvp(argv[2], argv + 2);
	err(126, "%s", argv[2]);
}
