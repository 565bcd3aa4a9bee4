#include "pen-watch/again.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/nsfs.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/resolve.h"

/* linux/mount.h, which does not go with sys/mount.h */
#ifndef FSPICK_EMPTY_PATH
#define FSPICK_EMPTY_PATH 8
#define FSCONFIG_CMD_RECONFIGURE 7
#endif

/* The rename that took the mount away may not have ended. */
#define TRIES 200

#define COPY_MAX (64UL << 20)

/*
 * As pen-ns has it: an inner bwrap cannot find a link's mount by its path, but
 * passes over one that has the flags already which it would give it.
 */
#define LINK_FLAGS (MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)

/* What is at dest inside, and not what a link there leads to. */
static int
open_dest(const char *dest)
{
	return resolve_open(AT_FDCWD, dest, O_PATH | O_NOFOLLOW,
			    RESOLVE_NO_MAGICLINKS);
}

/* Whether dest, a descriptor, is the link to target. */
static int
leads_to(int dest, const char *target)
{
	char *is = mem_alloc(PATH_MAX);
	int same = readlinkat(dest, "", is, PATH_MAX - 1) > 0 &&
		   strcmp(is, target) == 0;

	free(is);
	return same;
}

/*
 * In the jail, by mount(2): a detached mount would need a mount namespace, of
 * which none may be made any more.  names is /proc/self/fd, which is not there.
 */
static int
mount_link(int layer, const char *mark, const char *target, const char *path,
	   int names)
{
	char from[16], to[16];
	int link = openat(layer, mark, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int dest = open_dest(path);
	int there = dest >= 0 && leads_to(dest, target);

	snprintf(from, sizeof(from), "%d", link);
	snprintf(to, sizeof(to), "%d", dest);
	if (!there && link >= 0 && dest >= 0 && fchdir(names) == 0 &&
	    mount(from, to, NULL, MS_BIND, NULL) == 0) {
		close(dest);
		dest = open_dest(path);
		there = dest >= 0 && leads_to(dest, target);
		snprintf(to, sizeof(to), "%d", dest);
		if (there && mount(NULL, to, NULL, LINK_FLAGS, NULL) < 0)
			there = 0;
	}
	if (link >= 0)
		close(link);
	if (dest >= 0)
		close(dest);
	return there;
}

static void
enter_jail(int user, int mnt)
{
	if (setns(user, CLONE_NEWUSER) < 0 || setns(mnt, CLONE_NEWNS) < 0)
		_exit(1);
}

/* The one in which the mounts were made, around the one of those inside. */
static int
userns_above(int user)
{
	int above = ioctl(user, NS_GET_PARENT);
	struct stat own, st;

	if (above < 0 || stat("/proc/self/ns/user", &own) < 0 ||
	    fstat(above, &st) < 0 || own.st_ino == st.st_ino)
		return user;
	return above;
}

static int
wait_child(pid_t pid)
{
	int status = 1;

	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static _Noreturn void
enter_and_mount(const struct again_place *p, unsigned link, const char *name,
		const char *dest)
{
	const struct timespec pause = {0, 200000};
	char *target = mem_printf("/dev/pen/%u/%s", link, name);
	char *mark = mem_printf("marks/%u", link);
	int names = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	enter_jail(p->user, p->mnt);
	for (int i = 0; i < TRIES; i++) {
		if (mount_link(p->layer, mark, target, dest, names))
			_exit(0);
		nanosleep(&pause, NULL);
	}
	_exit(1);
}

int
again_mount(const struct again_place *p, unsigned link, const char *name,
	    const char *dest)
{
	pid_t pid;

	if (p->layer < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		enter_and_mount(p, link, name, dest);
	return wait_child(pid);
}

/*
 * To change a mount's file system, even in nothing, the kernel drops all names
 * that nobody uses (reconfigure_super), those that were missing, too.
 */
void
again_forget(const struct again_place *p, const char *dest)
{
	pid_t pid = p->layer < 0 ? -1 : fork();
	int place, fs;

	if (pid == 0) {
		enter_jail(userns_above(p->user), p->mnt);
		place = resolve_open(AT_FDCWD, dest, O_PATH | O_DIRECTORY,
				     RESOLVE_NO_SYMLINKS);
		fs = (int)syscall(SYS_fspick, place, "", FSPICK_EMPTY_PATH);
		_exit(syscall(SYS_fsconfig, fs, FSCONFIG_CMD_RECONFIGURE, NULL,
			      NULL, 0) < 0);
	}
	wait_child(pid);
}

int
again_copy(int dir, const char *name)
{
	char temp[32];
	struct stat st;
	uint64_t number; /* no name that the run can take first */
	size_t n;
	char *text = beneath_read(dir, name, COPY_MAX, &n, &st);
	int fd, bad;

	if (!text || getrandom(&number, sizeof(number), 0) != sizeof(number)) {
		free(text);
		return -1;
	}
	snprintf(temp, sizeof(temp), AGAIN_COPY "%016" PRIx64, number);
	fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bad = fd < 0 || fd_write_all(fd, text, n) < 0 ||
	      fchmod(fd, st.st_mode & 0777) < 0 ||
	      futimens(fd, (struct timespec[]){st.st_atim, st.st_mtim}) < 0 ||
	      renameat(dir, temp, dir, name) < 0;
	if (fd >= 0)
		close(fd);
	if (bad)
		unlinkat(dir, temp, 0);
	free(text);
	return bad ? -1 : 0;
}
