#include "pen-attack/launch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-attack/descriptors.h"
#include "pen-attack/environment.h"
#include "pen-attack/network.h"

static void
push_pen(struct strv *argv, const struct launch *l)
{
	const struct world *w = l->world;

	/* an agent that is typed by name runs in pen-shell */
	strv_push(argv, chain_sibling(l->run == RUN_TTY ? "pen-shell" : "pen"));
	if (l->launcher->agent) {
		strv_push(argv, "--agent");
		strv_push(argv, l->launcher->agent);
	}
	if (l->launcher->profile) {
		strv_push(argv, "--profile");
		strv_push(argv, l->launcher->profile);
	}
	if (l->dir) {
		strv_push(argv, "--project");
		strv_push(argv, l->project);
	}
	if (l->run == RUN_NET) {
		strv_push(argv, "--allow");
		strv_push(argv, ALLOWED_TLS);
		strv_push(argv, "--allow");
		strv_push(argv, "http://" ALLOWED_HTTP);
		strv_push(argv, "--connect-to");
		strv_push(argv, mem_printf("%s:443:127.0.0.1:%d", ALLOWED_TLS,
					   w->tls));
		strv_push(argv, "--connect-to");
		strv_push(argv, mem_printf("%s:80:127.0.0.1:%d", ALLOWED_HTTP,
					   w->http));
	}
	strv_push(argv, "--");
}

static struct strv
compose(const struct launch *l)
{
	struct strv argv = {0};

	if (l->launcher && l->launcher->with) {
		strv_push(&argv, "/bin/sh");
		strv_push(&argv, "-c");
		strv_push(&argv,
			  mem_printf("exec %s \"$@\"", l->launcher->with));
		strv_push(&argv, "sh");
	} else if (l->launcher) {
		push_pen(&argv, l);
	}
	for (size_t i = 0; l->argv[i]; i++)
		strv_push(&argv, l->argv[i]);
	return argv;
}

static void
set_descriptors(const struct launch *l)
{
	char path[WORLD_PATH];
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), directory;
	int said =
	    open(world_path(l->world, "@B/said", path),
		 O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);

	if (null < 0 || said < 0)
		die(ERR_TOOL, "cannot open '%s': %m", path);
	for (int fd = 0; fd < 3; fd++)
		if (dup2(l->terminal >= 0 ? l->terminal
			 : fd		  ? said
					  : null,
			 fd) < 0)
			die(ERR_TOOL, "cannot set descriptor %d: %m", fd);
	if (l->terminal >= 0 && ioctl(0, TIOCSCTTY, 0) < 0)
		die(ERR_TOOL, "cannot take the terminal: %m");
	if (l->run == RUN_FDS)
		descriptors_leave(l->world);
	if (l->run == RUN_STDIO) {
		directory = open(world_path(l->world, "@B/sibling", path),
				 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (directory < 0 ||
		    dup2(directory, (int)strtol(l->arg, NULL, 10)) < 0)
			die(ERR_TOOL, "cannot open '%s': %m", path);
	}
}

pid_t
launch_start(const struct launch *l)
{
	struct strv argv = compose(l);
	pid_t pid = fork();

	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid > 0) {
		free(argv.v);
		return pid;
	}
	setsid();
	if (l->dir && chdir(l->dir) < 0)
		die(ERR_TOOL, "cannot change to '%s': %m", l->dir);
	setenv("PWD", l->project, 1);
	set_descriptors(l);
	environment_plant(l->world);
	execvp(argv.v[0], argv.v);
	die(ERR_NOEXEC, "cannot execute '%s': %m", argv.v[0]);
}

int
launch_wait(pid_t pid, int seconds)
{
	struct timespec nap = {0, 1000000};
	int status;

	for (long ms = 0; ms < seconds * 1000L; ms++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		nanosleep(&nap, NULL);
	}
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return -1;
}

char *
launch_said(const struct world *w)
{
	char path[WORLD_PATH], *text = NULL;
	int fd = open(world_path(w, "@B/said", path), O_RDONLY | O_CLOEXEC);
	size_t n;

	if (fd >= 0) {
		text = fd_read_all(fd, 1 << 20, &n);
		close(fd);
	}
	return text ? text : mem_copy("");
}

char *
launch_version(const struct launcher *l)
{
	char *command =
	    l->with ? mem_printf("%.*s --version 2>&1",
				 (int)strcspn(l->with, " "), l->with)
		    : mem_printf("'%s' --version 2>&1", chain_sibling("pen"));
	int ends[2];
	char text[128] = "";
	ssize_t n;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid == 0) {
		dup2(ends[1], 1);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(ERR_NOEXEC);
	}
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	close(ends[0]);
	launch_wait(pid, 5);
	free(command);
	return mem_copy(text);
}
