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

/* The kernel's sigset_t, in bytes. */
#define SIGNAL_SET 8

/* How often the victim is looked at, 3 ms apart. */
#define TAKEN_TURNS 100

/* Starts this program as "--part PART WORLD", with ready as descriptor 3. */
static pid_t
start(const struct world *w, const char *part, int ready)
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
	if (dup2(ready, 3) < 0 || chdir(w->base) < 0)
		die(ERR_TOOL, "cannot start a process to attack: %m");
	fd_cloexec(3, 0);
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
	int ready[2];
	struct world said;

	note_scheduling(w);
	world_save(w);
	if (pipe2(ready, O_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot make a pipe: %m");
	w->victim = start(w, "victim", ready[1]);
	hear(ready[0], &said, sizeof(said));
	w->secret = said.secret;
	memcpy(w->terminal, said.terminal, sizeof(w->terminal));
	world_save(w);
	w->server = start(w, "server", ready[1]);
	close(ready[1]);
	hear(ready[0], &said, sizeof(said));
	memcpy(w->places, said.places, sizeof(w->places));
	w->dns = said.dns;
	w->tls = said.tls;
	w->http = said.http;
	close(ready[0]);
	world_save(w);
}

/* Whether the victim has no signal left, and waits for one, or is not seen. */
static int
has_taken_signals(const struct world *w)
{
	char path[WORLD_PATH], text[4096] = "";
	int fd =
	    open(world_path(w, "/proc/@V/status", path), O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 1;
	if (read(fd, text, sizeof(text) - 1) < 0)
		*text = '\0';
	close(fd);
	return strstr(text, "State:\tS") &&
	       strstr(text, "SigPnd:\t0000000000000000") &&
	       strstr(text, "ShdPnd:\t0000000000000000");
}

void
process_await_signals(const struct world *w)
{
	struct timespec nap = {0, 3000000};
	int turn = 0;

	do
		nanosleep(&nap, NULL);
	while (!has_taken_signals(w) && ++turn < TAKEN_TURNS);
}

char *
process_heard(const struct world *w, char kind, char path[WORLD_PATH])
{
	char name[] = {'@', 'B', '/', 'h', 'e', 'a', 'r', 'd', '-', kind, 0};

	return world_path(w, name, path);
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

/* A letter for each way to send a signal. */
static char
tell_signal(const siginfo_t *i)
{
	switch (i->si_signo) {
	case SIGCHLD:
		return 'k';
	case SIGURG:
		return 'a';
	case SIGCONT:
		return 'p';
	}
	return i->si_code == SI_TKILL	? 't'
	       : i->si_code == SI_QUEUE ? 'q'
					: 'g';
}

_Noreturn void
process_victim(const struct world *world)
{
	static char secret[] = "PLANTED";
	struct world w = *world;
	siginfo_t info;
	sigset_t all;
	char path[WORLD_PATH];

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
		/* glibc's function takes tgkill(2) for kill(2) */
		if (syscall(SYS_rt_sigtimedwait, &all, &info, NULL,
			    SIGNAL_SET) < 0)
			continue;
		close(open(process_heard(&w, tell_signal(&info), path),
			   O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	}
}
