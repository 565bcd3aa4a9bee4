/*
 * It is no child of what it watches, which may wait for any, and in no
 * terminal's foreground; it is outside of the cgroup, so that it is not among
 * those who are ended for memory.
 */
#include "pen-limit/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-limit/group.h"

/* From SIGTERM, which programs end on in their own way, to SIGKILL. */
#define GRACE_MS 10000

/* Until the last process has left the cgroup. */
#define LEAVE_TURNS 500 /* of 10 ms */

/* Waits until the process ends; 0, or -1 when the time is over. */
static int
wait_end(int pidfd, long long ms)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	struct timespec now, end;

	clock_gettime(CLOCK_BOOTTIME, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += ms % 1000 * 1000000;
	for (;;) {
		long long left;

		clock_gettime(CLOCK_BOOTTIME, &now);
		left = (end.tv_sec - now.tv_sec) * 1000LL +
		       (end.tv_nsec - now.tv_nsec) / 1000000;
		if (ms < 0)
			left = -1;
		else if (left <= 0)
			return -1;
		/* time that the machine slept counts: not for ever in poll */
		if (poll(&p, 1,
			 ms < 0	       ? -1
			 : left < 5000 ? (int)left
				       : 5000) > 0)
			return 0;
	}
}

/* For pen-report, or the user. */
static void
report_limit(const struct watch *w, const char *line)
{
	int fd;

	if (!w->note) {
		err_warn("%s", line);
		return;
	}
	fd = open(w->note, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || fd_write_all(fd, line, strlen(line)) < 0 ||
	    fd_write_all(fd, "\n", 1) < 0)
		err_warn("%s", line);
	if (fd >= 0)
		close(fd);
}

static void
end_run(const struct watch *w, int pidfd)
{
	char *line = mem_printf("ended after %s: time = %s", w->time, w->time);

	report_limit(w, line);
	free(line);
	syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0);
	/* or it stays stopped */
	syscall(SYS_pidfd_send_signal, pidfd, SIGCONT, NULL, 0);
	if (wait_end(pidfd, GRACE_MS) < 0)
		syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	wait_end(pidfd, -1);
}

static void
leave_group(const struct watch *w)
{
	struct timespec turn = {0, 10000000};
	unsigned long killed = group_killed(w->group);

	if (killed > 0 && !w->note)
		err_warn("the kernel ended %lu process%s: memory = %s", killed,
			 killed == 1 ? "" : "es", w->memory);
	for (int i = 0;
	     i < LEAVE_TURNS && rmdir(w->group) < 0 && errno == EBUSY; i++)
		nanosleep(&turn, NULL);
}

static _Noreturn void
watch_until_end(struct watch *w, int pidfd, int known)
{
	char group[4096];
	ssize_t n = read(known, group, sizeof(group) - 1);

	close(known);
	if (n > 1) {
		group[n] = '\0';
		w->group = group + 1;
	}
	if (wait_end(pidfd, w->seconds ? (long long)w->seconds * 1000 : -1) < 0)
		end_run(w, pidfd);
	if (w->group)
		leave_group(w);
	if (w->note)
		unlink(w->note);
	_exit(0);
}

/* Nothing of the caller's but standard error, the watched and the pipe. */
static _Noreturn void
become_watcher(struct watch *w, int pidfd, int known)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int fds[] = {null, null, STDERR_FILENO, pidfd, known};
	sigset_t all;

	setsid();
	prctl(PR_SET_NAME, "pen-limit");
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (null < 0 || chdir("/") < 0 ||
	    fd_keep_only(fds, sizeof(fds) / sizeof(*fds)) < 0)
		_exit(ERR_TOOL);
	watch_until_end(w, 3, 4);
}

int
watch_start(const struct watch *w)
{
	struct watch copy = *w;
	int ends[2], pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0), status;
	pid_t pid;

	if (pidfd < 0 || pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die(ERR_TOOL, "cannot start a process: %m");
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			become_watcher(&copy, pidfd, ends[0]);
		_exit(pid < 0);
	}
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		die(ERR_TOOL, "cannot start a process: %m");
	close(pidfd);
	close(ends[0]);
	return ends[1];
}
