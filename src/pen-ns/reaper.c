/*
 * The process in the jail that waits for prog.  As pid 1 its end is the end of
 * every process there, so it ends when prog does and when the monitor does;
 * as bubblewrap's it stays until the last process has ended, unless
 * --die-with-parent is given.
 *
 * It is in the caller's process group, as prog is unless it leads one, and
 * receives what is sent to the group: that is how it tells a signal that
 * prog has got already from one that was sent to the monitor alone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/message.h"
#include "pen-ns/ns.h"
#include "pen-ns/reaper.h"

/* Where this process keeps the descriptors that it reads. */
enum { SOCK, SIGNALS, WATCH, READ };

#define STOPS 100

struct pids {
	pid_t *v;
	size_t n;
};

struct reaper {
	pid_t prog;  /* 0 when it has ended */
	int stopped; /* the signal that prog is stopped by, or 0 */
	int frozen;  /* everybody is, because the watch said so, but for */
	struct pids asleep; /* those that were stopped already */
	int stays;
	int open;  /* descriptors: the two, and what is held */
	int upper; /* a directory of the host's is an overlay's upper layer */
	unsigned char seen[_NSIG]; /* came with the group's, not yet told */
};

/* A lock of the open file, which survives that descriptors are moved. */
void
reaper_lock(struct ns *ns)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

	for (size_t i = 0; i < ns->locks.n; i++) {
		int fd = open(ns->locks.v[i],
			      O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

		if (fd < 0 || fcntl(fd, F_OFD_SETLK, &lock) < 0)
			die(ERR_TOOL, "cannot lock '%s': %m", ns->locks.v[i]);
		fds_push(&ns->held, fd);
	}
}

/* What loses its parent becomes a child of pid 1: with none, nobody is left. */
static int
nobody_left(void)
{
	pid_t pid = waitpid(-1, NULL, WNOHANG);

	if (pid < 0 && errno != ECHILD)
		err_exit(ERR_TOOL);
	return pid < 0;
}

/*
 * As pid 1: the monitor need not wait until the kernel has taken the mounts
 * apart, when there is nobody that would have to die first.  What is held open
 * is let go of before; an upper layer the kernel gives back with the mounts,
 * and two overlays of one are not defined (its overlayfs.rst).
 */
static _Noreturn void
end_with_prog(const struct reaper *r, int status)
{
	if (!r->upper && nobody_left()) {
		for (int fd = WATCH; fd < r->open; fd++)
			close(fd);
		message_send(SOCK, SAY_EXITED, status);
	}
	_exit(status);
}

static void
report_end_of_prog(const struct reaper *r, enum message_kind kind, int value)
{
	if (r->stays || kind == SAY_DIED)
		message_send(SOCK, kind, value);
	if (!r->stays)
		end_with_prog(r, kind == SAY_DIED ? 128 + value : value);
}

static void
wait_children(struct reaper *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) >
	       0) {
		if (pid != r->prog)
			continue;
		if (r->frozen && WIFSTOPPED(status))
			continue; /* nobody who stopped prog */
		if (WIFSTOPPED(status) || WIFCONTINUED(status)) {
			r->stopped = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
			if (r->stopped)
				message_send(SOCK, SAY_STOPPED, r->stopped);
			continue;
		}
		r->prog = r->stopped = 0;
		if (WIFEXITED(status))
			report_end_of_prog(r, SAY_EXITED, WEXITSTATUS(status));
		else
			report_end_of_prog(r, SAY_DIED, WTERMSIG(status));
	}
	if (pid < 0 && errno == ECHILD)
		_exit(0); /* the last one has ended after prog */
	if (pid < 0)
		err_exit(ERR_TOOL);
}

static void
take_signals(struct reaper *r)
{
	struct signalfd_siginfo info;

	while (read(SIGNALS, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			wait_children(r);
		else if (info.ssi_pid == 0 && info.ssi_signo < _NSIG)
			/* from outside: inside has no say in this */
			r->seen[info.ssi_signo] = 1;
	}
}

/* The monitor got sig: prog gets it, unless it has it from where I have. */
static void
forward(struct reaper *r, int sig, int to_group)
{
	int all = sig == SIGCONT;
	pid_t group;

	take_signals(r);
	if (r->prog == 0)
		return;
	group = getpgid(r->prog);
	if (r->seen[sig] || to_group) {
		r->seen[sig] = 0;
		if (group == getpgrp())
			return;
		all = 1;
	}
	kill(all && group == r->prog ? -group : r->prog, sig);
}

/* Whether the process is stopped; /proc/PID/stat: the name ends with ")". */
static int
is_stopped(int proc, const char *pid)
{
	char path[32], text[512];
	const char *end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%.16s/stat", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	end = strrchr(text, ')');
	return end && (end[2] == 'T' || end[2] == 't');
}

/* Those inside that are stopped, or with all, all but this one. */
static void
find_pids(struct pids *l, int all)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	l->n = 0;
	while (d && (e = readdir(d))) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (pid <= 1 || (!all && !is_stopped(dirfd(d), e->d_name)))
			continue;
		l->v = mem_room(l->v, l->n, sizeof(*l->v));
		l->v[l->n++] = pid;
	}
	if (d)
		closedir(d);
}

static int
has_pid(const struct pids *l, pid_t pid)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i] == pid)
			return 1;
	return 0;
}

/*
 * Everybody but this process, in one go: no fork(2) gets away (kill(2)).  Who
 * has not stopped yet may let others go on (SIGCONT), and two that do so may
 * get away from one signal; not from so many, and more until the thaw.
 */
static void
stop_all(void)
{
	for (int i = 0; i < STOPS; i++)
		kill(-1, SIGSTOP);
}

static void
freeze(struct reaper *r)
{
	if (!r->frozen)
		find_pids(&r->asleep, 0);
	r->frozen = 1;
	kill(-1, SIGSTOP);
	message_send_word(WATCH, FREEZE_DONE);
	stop_all();
}

/*
 * Children before their parents, for the most part: a shell that saw a child of
 * its own stopped would take it for a job that was stopped.
 */
static void
thaw(struct reaper *r)
{
	struct pids all = {0};

	find_pids(&all, 1);
	for (size_t i = all.n; i > 0; i--)
		if (!has_pid(&r->asleep, all.v[i - 1]))
			kill(all.v[i - 1], SIGCONT);
	free(all.v);
	r->frozen = 0;
}

/* 0 when the watch is gone: it does not stop anybody for ever. */
static int
hear_watch(struct reaper *r)
{
	char c;
	ssize_t n = recv(WATCH, &c, 1, MSG_DONTWAIT);

	if (n == 1 && c == FREEZE_STOP)
		freeze(r);
	else if (n == 1 && c == FREEZE_KILL)
		kill(-1, SIGKILL);
	else if (r->frozen && (n == 0 || (n == 1 && c == FREEZE_THAW)))
		thaw(r);
	return n != 0;
}

/* Is prog still stopped?  What was said of it before came too late. */
static void
repeat_stop(struct reaper *r)
{
	wait_children(r);
	if (r->stopped)
		message_send(SOCK, SAY_STOPPED, r->stopped);
}

/* The two, and after them what is held open; how many that are. */
static int
keep_only(const struct ns *ns, int sock)
{
	int fds[FD_KEEP_MAX] = {[SOCK] = sock, [WATCH] = ns->watching[1]};
	size_t n = READ;
	sigset_t all;

	sigfillset(&all);
	fds[SIGNALS] = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	for (size_t i = 0; i < ns->held.n; i++)
		fds[n++] = ns->held.v[i];
	if (fds[SIGNALS] < 0 || fd_keep_only(fds, n) < 0)
		die(ERR_TOOL, "cannot wait for prog: %m");
	return (int)n;
}

static int
has_upper(const struct ns *ns)
{
	for (size_t i = 0; i < ns->nops; i++)
		if (ns->ops[i].kind == OP_OVERLAY && ns->ops[i].src)
			return 1;
	return 0;
}

/*
 * What the group was sent while the view was made is pending here, and prog
 * will not have it: it would pass for something that prog has got already.
 */
void
reaper_forget_signals(void)
{
	struct timespec now = {0};
	sigset_t all;

	sigfillset(&all);
	while (sigtimedwait(&all, NULL, &now) > 0)
		;
}

void
reaper_run(const struct ns *ns, pid_t prog, int sock)
{
	struct pollfd fds[] = {
	    {.fd = SOCK, .events = POLLIN},
	    {.fd = SIGNALS, .events = POLLIN},
	    {.fd = ns->watch ? WATCH : -1, .events = POLLIN}};
	struct reaper r = {
	    .prog = prog, .stays = ns->stays, .upper = has_upper(ns)};
	struct message m;

	r.open = keep_only(ns, sock);
	for (;;) {
		int n;

		if (poll(fds, READ, r.frozen ? 1 : -1) < 0 && errno != EINTR)
			err_exit(ERR_TOOL);
		if (r.frozen)
			stop_all();
		take_signals(&r);
		if (fds[WATCH].revents && !hear_watch(&r))
			fds[WATCH].fd = -1;
		if (!fds[0].revents)
			continue;
		n = message_receive(SOCK, &m, MSG_DONTWAIT);
		if (n == 0 && !r.stays)
			_exit(128 + SIGKILL); /* the monitor is gone */
		if (n == 0)
			fds[0].fd = -1;
		if (n == 1 && m.kind == SAY_ASK)
			repeat_stop(&r);
		else if (n == 1 && m.value > 0 && m.value < _NSIG)
			forward(&r, m.value, m.kind == SAY_PASS_GROUP);
	}
}
