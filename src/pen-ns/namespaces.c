#include "pen-ns/namespaces.h"

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

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/message.h"
#include "lib/userns.h"
#include "pen-ns/ns.h"

static void
join_namespace(const char *option, int fd, int type)
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
		die_hint(chain_remedy("namespace", errno),
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
namespaces_clone(struct ns *ns, int sock[2])
{
	struct message m;
	pid_t middle;
	int status;

	join_namespace("userns", ns->userns, CLONE_NEWUSER);
	ns->uid = geteuid();
	ns->gid = getegid();
	join_namespace("pidns", ns->pidns, CLONE_NEWPID);
	if (ns->pidns < 0 || !(ns->unshare & CLONE_NEWPID))
		return clone_into(ns->unshare);
	/*
	 * A pid namespace is made by a process that is in the one above it,
	 * not only about to be (copy_pid_ns): its child, and ours.
	 */
	middle = fork();
	if (middle < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (middle == 0) {
		if (clone_into(ns->unshare | CLONE_PARENT) > 0)
			_exit(0);
		message_send(sock[1], SAY_PID, own_pid());
		return 0;
	}
	if (waitpid(middle, &status, 0) < 0 || status != 0 ||
	    message_receive(sock[0], &m, 0) != 1 || m.kind != SAY_PID)
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
namespaces_wait_fd(int fd, const struct signals *sig, int sock)
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
		if (message_receive(sock, &m, 0) == 0)
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
namespaces_settle(const struct ns *ns, const struct signals *sig, int sock,
		  int proc)
{
	struct message m;

	close_beyond_stderr(ns->info);
	close_beyond_stderr(ns->json);
	if ((ns->info >= 0 || ns->json >= 0) &&
	    message_receive(sock, &m, 0) != 1)
		_exit(128 + SIGKILL);
	if (ns->userns_block >= 0)
		namespaces_wait_fd(ns->userns_block, sig, sock);
	else if (ns->unshare & CLONE_NEWUSER)
		userns_map(proc, or_same(ns->inner_uid, ns->uid), ns->uid,
			   or_same(ns->inner_gid, ns->gid), ns->gid);
}

/* What a mount covers stays covered in a copy (mount_namespaces(7)). */
void
namespaces_lock_mounts(const struct ns *ns, int proc)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	/* userns2 is not below the one that this would make */
	if (ns->inherits || ns->userns2 >= 0)
		return;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		die_hint(chain_remedy("namespace", errno),
			 "cannot lock the mounts: %m");
	userns_map(proc, uid, uid, gid, gid);
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

void
namespaces_enter_last(const struct ns *ns, int proc)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (ns->userns2 >= 0) {
		join_namespace("userns2", ns->userns2, CLONE_NEWUSER);
	} else if (ns_has_own_userns(ns)) {
		int dumpable = prctl(PR_GET_DUMPABLE) == 1;

		if (unshare(CLONE_NEWUSER) < 0)
			die_hint(chain_remedy("namespace", errno),
				 "cannot make prog's user namespace: %m");
		/* pid 1 is not dumpable, and then /proc/self belongs to root;
		 * this is its memory */
		set_dumpable(1);
		userns_map(proc, or_same(ns->inner_uid, uid), uid,
			   or_same(ns->inner_gid, gid), gid);
		/* as the namespace above forbids, and where prog can read it */
		if (!ns->nested &&
		    fd_write_file(proc, "sys/user/max_user_namespaces", "0") <
			0)
			die(ERR_TOOL, "cannot forbid user namespaces: %m");
		set_dumpable(dumpable);
		return;
	} else if (!(ns->userns >= 0 || ns->userns_block >= 0)) {
		return;
	}
	if (ns->inner_uid != ID_SAME || ns->inner_gid != ID_SAME)
		become_user(or_same(ns->inner_uid, geteuid()),
			    or_same(ns->inner_gid, getegid()));
}
