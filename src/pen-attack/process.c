/* The victim, and how it and the server are started. */
#include "pen-attack/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "pen-attack/environment.h"

/*
 * Starts this program as "--part PART WORLD", with ready as descriptor 3 and
 * touched as 4.
 */
static pid_t
start(const struct world *w, const char *part, int ready, int touched)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid > 0)
		return pid;
	/* a group of its own, which is attacked, too */
	setpgid(0, 0);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(ERR_TOOL);
	if (fcntl(ready, F_DUPFD, 10) < 0 || dup2(ready, 3) < 0 ||
	    dup2(touched < 0 ? ready : touched, 4) < 0 || chdir(w->base) < 0)
		die(ERR_TOOL, "cannot start a process to attack: %m");
	fd_cloexec(3, 0);
	fd_cloexec(4, 0);
	environment_plant(w);
	execl("/proc/self/exe", "pen-attack", "--part", part, world_file(w),
	      "PLANTED", (char *)NULL);
	die(ERR_NOEXEC, "cannot execute '/proc/self/exe': %m");
}

/* Reads what a process has to say when it is ready: its part of the world. */
static void
hear(int fd, void *p, size_t n)
{
	size_t have = 0;
	ssize_t r;

	while (have < n) {
		r = read(fd, (char *)p + have, n - have);
		if (r <= 0)
			die(ERR_TOOL, "a process to attack did not start");
		have += (size_t)r;
	}
}

/* The victim has it of this process. */
static void
note_scheduling(struct world *w)
{
	cpu_set_t set;

	w->nice = getpriority(PRIO_PROCESS, 0);
	w->cpus =
	    sched_getaffinity(0, sizeof(set), &set) < 0 ? 0 : CPU_COUNT(&set);
	w->policy = (int32_t)syscall(SYS_sched_getscheduler, 0);
}

void
process_start(struct world *w)
{
	int ready[2], touched[2];
	struct world said;

	note_scheduling(w);
	world_save(w);
	if (pipe2(ready, O_CLOEXEC) < 0 || pipe2(touched, O_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot make a pipe: %m");
	/* numbers that the copies on 3 and 4 do not hit */
	for (int i = 0; i < 2; i++) {
		ready[i] = fcntl(ready[i], F_DUPFD_CLOEXEC, 10);
		touched[i] = fcntl(touched[i], F_DUPFD_CLOEXEC, 10);
	}
	w->victim = start(w, "victim", ready[1], touched[1]);
	hear(ready[0], &said, sizeof(said));
	w->secret = said.secret;
	memcpy(w->terminal, said.terminal, sizeof(w->terminal));
	world_save(w);
	w->server = start(w, "server", ready[1], -1);
	close(ready[1]);
	close(touched[1]);
	hear(ready[0], &said, sizeof(said));
	memcpy(w->places, said.places, sizeof(w->places));
	w->dns = said.dns;
	w->tls = said.tls;
	w->http = said.http;
	w->touched = touched[0];
	fcntl(w->touched, F_SETFL, O_NONBLOCK);
	close(ready[0]);
	world_save(w);
}

void
process_hear(struct world *w)
{
	struct timespec nap = {0, 20000000};
	ssize_t n;

	nanosleep(&nap, NULL); /* it is on its way at most */
	n = read(w->touched, w->heard, sizeof(w->heard) - 1);
	w->heard[n > 0 ? n : 0] = '\0';
}

void
process_end(struct world *w)
{
	pid_t pids[] = {w->victim, w->server};

	for (size_t i = 0; i < sizeof(pids) / sizeof(*pids); i++) {
		if (pids[i] <= 0)
			continue;
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	if (w->touched > 0)
		close(w->touched);
}

/* A terminal of the user's other than the attacked one. */
static void
open_terminal(struct world *w)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return;
	if (ptsname_r(master, w->terminal, sizeof(w->terminal)) != 0)
		*w->terminal = '\0';
	/* so that what is written to it stays in it */
	open(w->terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* A letter for each way to send a signal; none of these harms a bystander. */
static char
tell_signal(const siginfo_t *i)
{
	switch (i->si_signo) {
	case SIGCHLD:
		return 'k';
	case SIGWINCH:
		return 'g';
	case SIGCONT:
		return 'p';
	}
	return i->si_code == SI_TKILL	? 't'
	       : i->si_code == SI_QUEUE ? 'q'
					: 'a';
}

/* Whether its sender is of this world: others may attack the same user. */
static int
is_ours(const struct world *w, const siginfo_t *i)
{
	char path[64], words[4096] = "";
	int fd, n = snprintf(path, sizeof(path), "/proc/%d/cmdline",
			     (int)i->si_pid);

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = (int)read(fd, words, sizeof(words));
	close(fd);
	return n > 0 && memmem(words, (size_t)n, w->base, strlen(w->base));
}

_Noreturn void
process_victim(const struct world *world)
{
	static char secret[] = "PLANTED";
	struct world w = *world;
	siginfo_t info;
	sigset_t all;
	char path[WORLD_PATH], letter, told[sizeof(w.heard)] = "";

	prctl(PR_SET_NAME, "pa-victim");
	/* yama lets no other process trace it, which is no answer of a jail */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (chdir(world_path(&w, "@B/keys", path)) < 0 ||
	    dup2(open("id", O_RDONLY | O_CLOEXEC), PROCESS_KEY) < 0)
		die(ERR_TOOL, "cannot open '%s/id': %m", path);
	open_terminal(&w);
	w.secret = (uint64_t)(uintptr_t)secret;
	if (fd_write_all(3, &w, sizeof(w)) < 0)
		_exit(ERR_TOOL);
	close(3);
	for (;;) {
		if (sigwaitinfo(&all, &info) < 0)
			continue;
		letter = tell_signal(&info);
		/* the one that everybody of this user gets */
		if (letter == 'a' && !is_ours(&w, &info))
			continue;
		/* once each: those of others would fill the buffer */
		if (strchr(told, letter))
			continue;
		told[strlen(told)] = letter;
		fd_write_all(4, &letter, 1);
	}
}
