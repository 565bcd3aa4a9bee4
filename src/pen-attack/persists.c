/* What stays when a run is over, and resources that a run may use up. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "lib/mem.h"
#include "pen-attack/attack.h"

/* The name of a process that stays: at most 15 bytes. */
static char *
name_process(const struct world *w, const char *arg)
{
	return mem_printf("pa%.4s-%.8s", arg, w->nonce);
}

/* Stays, but for a minute only. */
static _Noreturn void
stay_a_minute(const struct world *w, const char *arg, int ready)
{
	prctl(PR_SET_NAME, name_process(w, arg));
	for (int s = 1; s < NSIG; s++)
		if (s != SIGALRM)
			sigaction(s, &(struct sigaction){.sa_handler = SIG_IGN},
				  NULL);
	alarm(60);
	for (int fd = 0; fd < 64; fd++)
		if (fd != ready)
			close(fd);
	if (write(ready, "r", 1) == 1)
		close(ready);
	for (;;)
		pause();
}

/* Leaves a process in the background, in a session of its own, twice forked. */
TRY(leave_process)
{
	char byte;
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		setsid();
		if (fork() == 0)
			stay_a_minute(w, arg, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	return read(ends[0], &byte, 1) == 1 ? 0 : failed_by(ECHILD);
}

/* The process with that name, or 0. */
static pid_t
find_process(const char *name)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	pid_t pid = 0;

	while (d && !pid && (e = readdir(d))) {
		char path[300], text[32] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, text, sizeof(text) - 1) > 0 &&
		    strncmp(text, name, strlen(name)) == 0)
			pid = (pid_t)strtol(e->d_name, NULL, 10);
		close(fd);
	}
	if (d)
		closedir(d);
	return pid;
}

/* One that is there after a second is there; it is ended. */
TRY(left_process)
{
	struct timespec nap = {0, 20000000};
	char *name = name_process(w, arg);
	pid_t pid = find_process(name);

	for (int i = 0; i < 50 && w->inside && pid; i++) {
		nanosleep(&nap, NULL);
		pid = find_process(name);
	}
	if (!pid)
		return failed_by(ESRCH);
	kill(pid, SIGKILL);
	return 0;
}

static key_t
ipc_key(const struct world *w)
{
	return (key_t)(0x50450000 | (unsigned)strtol(w->nonce, NULL, 10) << 1 |
		       w->inside);
}

/* Objects of System V and POSIX, which no process has to hold. */
TRY(leave_ipc)
{
	char path[WORLD_PATH];

	switch (*arg) {
	case 's':
		return shmget(ipc_key(w), 4096, IPC_CREAT | 0600);
	case 'e':
		return semget(ipc_key(w), 1, IPC_CREAT | 0600);
	case 'm':
		return msgget(ipc_key(w), IPC_CREAT | 0600);
	}
	return mq_open(world_path(w, "/pen-attack-@N", path), O_CREAT | O_RDWR,
		       0600, NULL);
}

TRY(left_ipc)
{
	char path[WORLD_PATH];
	int id;

	switch (*arg) {
	case 's':
		id = shmget(ipc_key(w), 0, 0);
		return id < 0 ? -1 : shmctl(id, IPC_RMID, NULL);
	case 'e':
		id = semget(ipc_key(w), 0, 0);
		return id < 0 ? -1 : semctl(id, 0, IPC_RMID);
	case 'm':
		id = msgget(ipc_key(w), 0);
		return id < 0 ? -1 : msgctl(id, IPC_RMID, NULL);
	}
	return mq_unlink(world_path(w, "/pen-attack-@N", path));
}

/* In the user's own keyring, which is there as long as the user is. */
TRY(leave_key)
{
	char name[WORLD_PATH];

	return syscall(SYS_add_key, "user",
		       world_path(w, "pen-attack-@N", name), "x", 1,
		       KEY_SPEC_USER_KEYRING);
}

TRY(left_key)
{
	char name[WORLD_PATH];
	long k = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING,
			 "user", world_path(w, "pen-attack-@N", name), 0);

	return k < 0 ? -1
		     : syscall(SYS_keyctl, KEYCTL_UNLINK, k,
			       KEY_SPEC_USER_KEYRING);
}

/* ---- resources ---------------------------------------------------------- */

/* arg: the limit, by its first letter, and what it may not be above. */
TRY(raise_limit)
{
	static const struct {
		char letter;
		int resource;
	} all[] = {{'c', RLIMIT_CORE},
		   {'m', RLIMIT_MEMLOCK},
		   {'q', RLIMIT_MSGQUEUE},
		   {'p', RLIMIT_NPROC},
		   {'n', RLIMIT_NOFILE}};
	rlim_t most = strtoul(arg + 1, NULL, 10);
	struct rlimit r;
	size_t i = 0;

	while (all[i].letter != *arg)
		i++;
	if (getrlimit(all[i].resource, &r) < 0)
		return -1;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(all[i].resource, &r) < 0)
		return -1;
	return r.rlim_cur > most ? 0 : failed_by(EPERM);
}

/* Room on the host's own file system, by a directory that is everybody's. */
TRY(fill_host)
{
	uint64_t host = strcmp(arg, "/tmp") == 0 ? w->tmp : w->shm_dev;
	struct stat st;

	if (stat(arg, &st) < 0 || access(arg, W_OK) < 0)
		return -1;
	return st.st_dev == host ? 0 : failed_by(EXDEV);
}

/* A file system of its own may still be as large as all of memory. */
TRY(fill_memory)
{
	struct statvfs fs;
	struct sysinfo memory;

	if (statvfs(arg, &fs) < 0 || access(arg, W_OK) < 0 ||
	    sysinfo(&memory) < 0)
		return -1;
	return (uint64_t)fs.f_blocks * fs.f_frsize >
		       (uint64_t)memory.totalram * memory.mem_unit / 5 * 2
		   ? 0
		   : failed_by(EFBIG);
}
