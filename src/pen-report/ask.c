#include "pen-report/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/terminal.h"

/* pen-review with the terminal, and with option unless it is NULL. */
static void
run_review(const char *root, const char *option, int tty)
{
	char *argv[] = {chain_sibling("pen-review"), (char *)"--project",
			(char *)(size_t)root, (char *)(size_t)option, NULL};
	pid_t pid = fork();

	if (pid == 0) {
		if (dup2(tty, STDIN_FILENO) < 0 || dup2(tty, STDOUT_FILENO) < 0)
			die(ERR_TOOL, "cannot use the terminal: %m");
		execv(argv[0], argv);
		die(ERR_NOEXEC, "cannot execute '%s': %m", argv[0]);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

void
ask_user(const char *root)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	char answer[64];
	ssize_t n;

	if (tty < 0)
		return;
	/* a background job that reads is stopped: it would never end */
	if (tcgetpgrp(tty) != getpgrp()) {
		close(tty);
		return;
	}
	tcflush(tty, TCIFLUSH); /* nothing that was typed before the question */
	terminal_say("pen: keep (k), drop (d) or show it (s)? Enter leaves it "
		     "held back");
	n = read(tty, answer, sizeof(answer));
	if (n > 0 && (*answer == 'k' || *answer == 'd'))
		run_review(root, *answer == 'k' ? "--keep" : "--drop", tty);
	else if (n > 0 && *answer == 's')
		run_review(root, NULL, tty);
	close(tty);
}
