/* spaces: the namespaces: made, joined, and their ids mapped. */
#include <errno.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/userns.h"
#include "pen-ns/ns.h"

static void
join(const char *option, int fd, int type)
{
	if (fd >= 0 && setns(fd, type) < 0)
		die_hint("a process joins a namespace below its own, which its "
			 "user owns",
			 "--%s: cannot join what descriptor %d is: %m", option,
			 fd);
}

static pid_t
clone_into(unsigned long flags)
{
	/* without a stack of its own the child goes on on a copy of ours */
	pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0L, 0L, 0L, 0L);

	if (pid < 0)
		die_hint(userns_remedy(errno),
			 "cannot make the namespaces: %m");
	return pid;
}

/* This process' number in the monitor's pid namespace, which /proc is of. */
static int
own_pid(void)
{
	char text[16] = "";

	if (readlink("/proc/self", text, sizeof(text) - 1) < 0)
		die(ERR_TOOL, "cannot read /proc/self: %m");
	return (int)strtol(text, NULL, 10);
}

pid_t
spaces_clone(struct ns *ns, int sock[2])
{
	struct message m;
	pid_t middle;
	int status;

	join("userns", ns->userns, CLONE_NEWUSER);
	ns->uid = geteuid();
	ns->gid = getegid();
	join("pidns", ns->pidns, CLONE_NEWPID);
	if (ns->pidns < 0 || !(ns->spaces & CLONE_NEWPID))
		return clone_into(ns->spaces);
	/*
	 * A pid namespace is made by a process that is in the one above it,
	 * not only about to be (copy_pid_ns): its child, and ours.
	 */
	middle = fork();
	if (middle < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (middle == 0) {
		if (clone_into(ns->spaces | CLONE_PARENT) > 0)
			_exit(0);
		say(sock[1], SAY_PID, own_pid());
		return 0;
	}
	if (waitpid(middle, &status, 0) < 0 || status != 0 ||
	    hear(sock[0], &m, 0) != 1 || m.kind != SAY_PID)
		err_exit(ERR_TOOL);
	return m.value;
}

static unsigned
or_same(unsigned id, unsigned same)
{
	return id == ID_SAME ? same : id;
}

static int
ends_prog(int sig)
{
	return sig == SIGHUP || sig == SIGINT || sig == SIGQUIT ||
	       sig == SIGTERM;
}

/* Until fd has something to read; signals do what they would do to prog. */
void
spaces_block(int fd, const struct signals *sig, int sock)
{
	struct pollfd fds[] = {{.fd = fd, .events = POLLIN},
			       {.fd = sock, .events = POLLIN}};
	struct message m;
	char c;

	do {
		fds[0].revents = fds[1].revents = 0;
		if (ppoll(fds, 2, NULL, &sig->mask) < 0 && errno != EINTR)
			die(ERR_TOOL, "cannot wait for descriptor %d: %m", fd);
		if (!fds[1].revents)
			continue;
		if (hear(sock, &m, 0) == 0)
			_exit(128 + SIGKILL); /* the monitor is gone */
		if (ends_prog(m.value))
			_exit(128 + m.value);
	} while (!fds[0].revents);
	if (read(fd, &c, 1) < 0)
		die(ERR_TOOL, "cannot read descriptor %d: %m", fd);
}

/* Who reads what is said of the jail waits for the end of it. */
static void
close_beyond_stderr(int fd)
{
	if (fd > STDERR_FILENO)
		close(fd);
}

void
spaces_settle(const struct ns *ns, const struct signals *sig, int sock,
	      int proc)
{
	struct message m;

	close_beyond_stderr(ns->info);
	close_beyond_stderr(ns->json);
	if ((ns->info >= 0 || ns->json >= 0) && hear(sock, &m, 0) != 1)
		_exit(128 + SIGKILL);
	if (ns->userns_block >= 0)
		spaces_block(ns->userns_block, sig, sock);
	else if (ns->spaces & CLONE_NEWUSER)
		userns_map(proc, or_same(ns->inner_uid, ns->uid), ns->uid,
			   or_same(ns->inner_gid, ns->gid), ns->gid);
}

/* In a namespace that somebody else has made and mapped. */
static void
become_user(uid_t uid, gid_t gid)
{
	/* a change from 0 to another id would take the capabilities away */
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0 ||
	    setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		die(ERR_TOOL, "cannot become user %u, group %u: %m", uid, gid);
}

static void
set_dumpable(int dumpable)
{
	if (prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot become %sdumpable: %m",
		    dumpable ? "" : "un");
}

int
spaces_apart(const struct ns *ns)
{
	return ns->userns2 >= 0 || ns->strict || !ns->nested;
}

void
spaces_last(const struct ns *ns, int proc)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (ns->userns2 >= 0) {
		join("userns2", ns->userns2, CLONE_NEWUSER);
	} else if (spaces_apart(ns)) {
		int dumpable = prctl(PR_GET_DUMPABLE) == 1;

		if (unshare(CLONE_NEWUSER) < 0)
			die_hint(userns_remedy(errno),
				 "cannot make prog's user namespace: %m");
		/* pid 1 is not dumpable, and then /proc/self belongs to root;
		 * this is its memory */
		set_dumpable(1);
		userns_map(proc, or_same(ns->inner_uid, uid), uid,
			   or_same(ns->inner_gid, gid), gid);
		set_dumpable(dumpable);
		return;
	} else if (!(ns->userns >= 0 || ns->userns_block >= 0)) {
		return;
	}
	if (ns->inner_uid != ID_SAME || ns->inner_gid != ID_SAME)
		become_user(or_same(ns->inner_uid, geteuid()),
			    or_same(ns->inner_gid, getegid()));
}
