/*
 * The one time that pen stays: somebody has to speak last.  It is in the
 * process group of the chain, so what the terminal sends reaches both; what
 * another process sends to this one is passed on, and when the chain is
 * stopped, so is this.
 */
#include "pen/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"

/* What the chain takes from a terminal, and what it is sent by hand. */
static const int signals[] = {SIGHUP,  SIGINT,	SIGQUIT, SIGTERM, SIGUSR1,
			      SIGUSR2, SIGCONT, SIGTSTP, SIGCHLD, SIGWINCH};

static void
block_signals(sigset_t *all, sigset_t *before)
{
	sigemptyset(all);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(all, signals[i]);
	sigprocmask(SIG_BLOCK, all, before);
}

/* Waits for the chain's end; its wait status. */
static int
wait_for_chain(pid_t pid, const sigset_t *all)
{
	siginfo_t info;
	int status;

	for (;;) {
		int signo = sigwaitinfo(all, &info);

		if (signo < 0)
			continue;
		if (signo != SIGCHLD) {
			/* the kernel's, a terminal's, went to both */
			if (info.si_code <= 0)
				kill(pid, signo);
			continue;
		}
		while (waitpid(pid, &status, WNOHANG | WUNTRACED) == pid) {
			if (!WIFSTOPPED(status))
				return status;
			raise(SIGSTOP);
			kill(pid, SIGCONT);
		}
	}
}

/* On standard error: standard output is the program's. */
static void
print_audit(const char *log, const char *pen_log)
{
	char *second = mem_printf("%s.1", log);
	char *argv[] = {mem_copy(pen_log),
			mem_copy("--audited"),
			mem_copy("--"),
			mem_copy(log),
			second,
			NULL};
	pid_t pid;

	err_warn("--audit: this run could reach every name; it will not by "
		 "itself reach these again:");
	if (access(second, F_OK) < 0)
		argv[4] = NULL;
	if (access(log, F_OK) < 0) {
		err_warn("it reached none");
		return;
	}
	pid = fork();
	if (pid == 0) {
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execv(pen_log, argv);
		die(ERR_TOOL, "cannot execute '%s': %m", pen_log);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/*
 * Not killed by what ends the chain, for it has to speak afterwards: the
 * signals stay blocked.
 */
static pid_t
start_collector(const struct audit *a, int to)
{
	pid_t pid = fork();

	if (pid < 0)
		die(ERR_TOOL, "cannot start pen-policy: %m");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		dup2(to, STDOUT_FILENO);
		fd_cloexec(a->outside, 0);
		execv(a->collector[0], a->collector);
		die(ERR_TOOL, "cannot execute '%s': %m", a->collector[0]);
	}
	return pid;
}

static pid_t
start_chain(const struct audit *a, const sigset_t *mask)
{
	pid_t self = getpid(), pid = fork();

	if (pid < 0)
		die(ERR_TOOL, "cannot start the chain: %m");
	if (pid == 0) {
		/* without the one that reports, nothing is to go on */
		prctl(PR_SET_PDEATHSIG, SIGHUP, 0, 0, 0);
		if (getppid() != self)
			_exit(ERR_TOOL);
		sigprocmask(SIG_SETMASK, mask, NULL);
		fd_cloexec(a->inside, 0);
		chain_exec(a->chain);
	}
	return pid;
}

/* What the collector says when nobody is left to listen to. */
static void
report_refused(int from)
{
	size_t n;
	char *text = fd_read_all(from, 1 << 16, &n);

	if (!text)
		err_warn("cannot read what pen-filter refused: %m");
	else
		fd_write_all(STDERR_FILENO, text, n);
	free(text);
}

void
audit_prepare(struct audit *a)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		die(ERR_TOOL, "cannot make a socket: %m");
	a->inside = ends[0];
	a->outside = ends[1];
}

void
audit_run(const struct audit *a)
{
	sigset_t all, before;
	int list[2], status, collected = -1;
	pid_t collector, chain;

	block_signals(&all, &before);
	if (pipe2(list, O_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot make a pipe: %m");
	collector = start_collector(a, list[1]);
	chain = start_chain(a, &before);
	close(list[1]);
	close(a->inside);
	close(a->outside);
	status = wait_for_chain(chain, &all);
	print_audit(a->log, a->pen_log);
	report_refused(list[0]);
	while (waitpid(collector, &collected, 0) < 0 && errno == EINTR)
		;
	if (collected != 0)
		err_warn("the list of refused system calls is not whole: "
			 "pen-policy --collect ended before");
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				  : WEXITSTATUS(status));
}
