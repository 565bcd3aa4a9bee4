/* Attacks on the victim, a process of the host with the same user. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pen-attack/attack.h"
#include "pen-attack/process.h"

/* By signals that harm nobody whose number is the victim's by chance. */
static long
send_signal(const struct world *w, const char *arg)
{
	siginfo_t info = {.si_signo = SIGWINCH, .si_code = SI_QUEUE};
	int pidfd;

	switch (*arg) {
	case 'k':
		return kill(w->victim, SIGCHLD);
	case 'g':
		return kill(-w->victim, SIGWINCH);
	case 'a':
		return kill(-1, SIGURG);
	case 't':
		return syscall(SYS_tgkill, w->victim, w->victim, SIGWINCH);
	case 'q':
		return syscall(SYS_rt_sigqueueinfo, w->victim, SIGWINCH, &info);
	}
	pidfd = (int)syscall(SYS_pidfd_open, w->victim, 0);
	return pidfd < 0
		   ? -1
		   : syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, NULL, 0);
}

TRY(was_signalled)
{
	char path[WORLD_PATH];

	return access(process_heard(w, *arg, path), F_OK) == 0
		   ? 0
		   : failed_by(ESRCH);
}

TRY(signal_by)
{
	long r = send_signal(w, arg);

	if (r >= 0)
		process_await_signals(w);
	return r;
}

TRY(list_victim)
{
	char path[WORLD_PATH], name[32] = "";
	int fd =
	    open(world_path(w, "/proc/@V/comm", path), O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, name, sizeof(name) - 1) < 0)
		return -1;
	return strcmp(name, "pa-victim\n") == 0 ? 0 : failed_by(ESRCH);
}

/* A process with that name, whatever its number. */
TRY(find_name)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		char path[300], name[32] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, name, sizeof(name) - 1) > 0 &&
		    strncmp(name, arg, strlen(arg)) == 0)
			return 0;
		if (fd >= 0)
			close(fd);
	}
	return failed_by(ESRCH);
}

/* Reads a file of the victim's in /proc and looks for text in it. */
TRY(read_victim)
{
	char path[WORLD_PATH], name[WORLD_PATH];
	static char text[65536];
	const char *wanted = strchr(arg, ' ') + 1;
	size_t have = 0;
	int fd;
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/@V/%.*s", (int)(wanted - arg - 1),
		 arg);
	fd = open(world_path(w, name, path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	/* maps gives the lines of one page at a time */
	while ((n = read(fd, text + have, sizeof(text) - have)) > 0)
		have += (size_t)n;
	if (n < 0)
		return -1;
	return memmem(text, have, wanted, strlen(wanted)) ? 0
							  : failed_by(ENODATA);
}

/* Its memory, by /proc/PID/mem. */
TRY(read_memory)
{
	char path[WORLD_PATH], got[8] = "";
	int fd =
	    open(world_path(w, "/proc/@V/mem", path), O_RDONLY | O_CLOEXEC);

	if (fd < 0 || pread(fd, got, sizeof(got), (off_t)w->secret) < 0)
		return -1;
	return strcmp(got, "PLANTED") == 0 ? 0 : failed_by(EFAULT);
}

TRY(vm_read_victim)
{
	char got[8] = "";
	struct iovec to = {got, sizeof(got)},
		     from = {(void *)(uintptr_t)w->secret, sizeof(got)};

	if (process_vm_readv(w->victim, &to, 1, &from, 1, 0) < 0)
		return -1;
	return strcmp(got, "PLANTED") == 0 ? 0 : failed_by(EFAULT);
}

TRY(trace_victim)
{
	long r = ptrace(PTRACE_SEIZE, w->victim, 0, 0);

	if (r == 0)
		ptrace(PTRACE_DETACH, w->victim, 0, 0);
	return r;
}

TRY(take_descriptor)
{
	int pidfd = (int)syscall(SYS_pidfd_open, w->victim, 0);

	return pidfd < 0 ? -1 : syscall(SYS_pidfd_getfd, pidfd, PROCESS_KEY, 0);
}

TRY(open_pidfd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, w->victim, 0);

	if (pidfd < 0)
		return -1;
	/* one of another process with this number is no success */
	return list_victim(w, arg);
}

/* What the victim may have: each is seen by the judge, which is outside. */
TRY(change_victim)
{
	struct rlimit files = {64, 64};
	struct sched_param idle = {0};
	char path[WORLD_PATH];
	cpu_set_t one;
	int fd;

	switch (*arg) {
	case 'n':
		return setpriority(PRIO_PROCESS, (id_t)w->victim, w->nice + 1);
	case 'g':
		return setpriority(PRIO_PGRP, (id_t)w->victim, w->nice + 2);
	case 'a':
		CPU_ZERO(&one);
		CPU_SET(0, &one);
		return sched_setaffinity(w->victim, sizeof(one), &one);
	case 'i':
		return syscall(SYS_ioprio_set, 1, w->victim, 3 << 13);
	case 'l':
		return prlimit(w->victim, RLIMIT_NOFILE, &files, NULL);
	case 's':
		/* musl has no function for it */
		return syscall(SYS_sched_setscheduler, w->victim, SCHED_BATCH,
			       &idle);
	}
	fd = open(world_path(w, "/proc/@V/oom_score_adj", path),
		  O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -1 : write(fd, "900", 3);
}

TRY(victim_changed)
{
	struct rlimit files;
	char path[WORLD_PATH], text[8] = "";
	cpu_set_t set;
	int yes = 0, fd;

	switch (*arg) {
	case 'n':
		yes = getpriority(PRIO_PROCESS, (id_t)w->victim) >= w->nice + 1;
		break;
	case 'g':
		yes = getpriority(PRIO_PROCESS, (id_t)w->victim) >= w->nice + 2;
		break;
	case 'a':
		sched_getaffinity(w->victim, sizeof(set), &set);
		yes = CPU_COUNT(&set) == 1 && w->cpus > 1;
		break;
	case 'i':
		yes = syscall(SYS_ioprio_get, 1, w->victim) == 3 << 13;
		break;
	case 'l':
		prlimit(w->victim, RLIMIT_NOFILE, NULL, &files);
		yes = files.rlim_cur == 64;
		break;
	case 's':
		yes = w->policy != SCHED_BATCH &&
		      syscall(SYS_sched_getscheduler, w->victim) == SCHED_BATCH;
		break;
	case 'o':
		fd = open(world_path(w, "/proc/@V/oom_score_adj", path),
			  O_RDONLY | O_CLOEXEC);
		yes = fd >= 0 && read(fd, text, 7) > 0 &&
		      strncmp(text, "900", 3) == 0;
		break;
	}
	return yes ? 0 : failed_by(EPERM);
}

TRY(attach_ipc)
{
	struct msqid_ds m;

	if (*arg == 's')
		return shmat(w->shm, NULL, SHM_RDONLY) == (void *)-1 ? -1 : 0;
	if (*arg == 'e')
		return semctl(w->sem, 0, GETVAL);
	return msgctl(w->msg, IPC_STAT, &m);
}

/* The node's name, which a log or a message gives away. */
TRY(read_hostname)
{
	struct utsname un;

	if (uname(&un) < 0)
		return -1;
	return strcmp(un.nodename, w->hostname) == 0 ? 0 : failed_by(ENOENT);
}

/* The namespaces of a process that is none of ours. */
TRY(join_victim)
{
	char path[WORLD_PATH], name[64];
	int fd;

	snprintf(name, sizeof(name), "/proc/@V/ns/%s", arg);
	fd = open(world_path(w, name, path), O_RDONLY | O_CLOEXEC);
	return fd;
}

TRY(robust_list)
{
	void *head = NULL;
	size_t n = 0;

	return syscall(SYS_get_robust_list, w->victim, &head, &n);
}
