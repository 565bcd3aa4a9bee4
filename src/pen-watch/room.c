#include "pen-watch/room.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is left of a file system that is full for most purposes: 2 %. */
#define LEFT 50

/* In the jail, with the caller's descriptors: fds are to be replaced. */
static _Noreturn void
enter_and_open(const struct room *r, const struct again_place *p,
	       const int *fds)
{
	int opened = 0;

	if (setns(p->user, CLONE_NEWUSER) < 0 || setns(p->mnt, CLONE_NEWNS) < 0)
		_exit(0);
	for (int i = 0; i < r->n; i++) {
		int fd = open(r->paths[i], O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0 && dup3(fd, fds[i], O_CLOEXEC) >= 0)
			opened |= 1 << i;
		if (fd >= 0)
			close(fd);
	}
	_exit(opened);
}

void
room_open(const struct room *r, const struct again_place *p, int fds[ROOM_MAX])
{
	int status = 0;
	pid_t pid;

	for (int i = 0; i < ROOM_MAX; i++)
		fds[i] = i < r->n ? fcntl(p->layer, F_DUPFD_CLOEXEC, 0) : -1;
	if (r->n == 0)
		return;
	/* fork(2), but for the table of descriptors, which is one */
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL,
			     NULL);
	if (pid == 0)
		enter_and_open(r, p, fds);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	for (int i = 0; i < r->n; i++)
		if (fds[i] >= 0 && !(pid > 0 && WIFEXITED(status) &&
				     WEXITSTATUS(status) & 1 << i)) {
			close(fds[i]);
			fds[i] = -1;
		}
}

unsigned
room_full(const int fds[ROOM_MAX])
{
	struct statfs fs;
	unsigned full = 0;

	for (int i = 0; i < ROOM_MAX; i++)
		if (fds[i] >= 0 && fstatfs(fds[i], &fs) == 0 &&
		    fs.f_type == TMPFS_MAGIC &&
		    fs.f_bfree < (unsigned long long)fs.f_blocks / LEFT)
			full |= 1U << i;
	return full;
}
