/*
 * bench N prog [args…] [/// prog [args…]]…
 *
 * Runs each command N times, one of each in turn, so that what else the machine
 * does falls on all alike.  Prints a line for each: median, fastest and slowest
 * decile in microseconds from posix_spawn to the end of waitpid.
 */
#include <err.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS = 32 };

static long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

static long
run(char **argv)
{
	long start = now();
	int error, status;
	pid_t pid;

	error = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (error)
		errx(125, "%s: %s", argv[0], strerror(error));
	if (waitpid(pid, &status, 0) < 0)
		err(125, "waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(125, "%s failed (%#x)", argv[0], (unsigned)status);
	return now() - start;
}

static int
by_length(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
split(char **argv, char **commands[COMMANDS])
{
	int n = 0;

	commands[n++] = argv;
	for (; *argv; argv++) {
		if (strcmp(*argv, "///") != 0)
			continue;
		if (n == COMMANDS)
			errx(125, "at most %d commands", COMMANDS);
		*argv = NULL;
		commands[n++] = argv + 1;
	}
	return n;
}

int
main(int argc, char **argv)
{
	char **commands[COMMANDS];
	long *took[COMMANDS];
	long rounds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	int n;

	if (rounds < 1)
		errx(125, "usage: bench N prog [args] [/// prog [args]]...");
	n = split(argv + 2, commands);
	for (int c = 0; c < n; c++) {
		took[c] = calloc((size_t)rounds, sizeof(long));
		if (!took[c])
			err(125, "calloc");
		run(commands[c]); /* the page cache warms up */
	}
	for (long i = 0; i < rounds; i++)
		for (int c = 0; c < n; c++)
			took[c][i] = run(commands[c]);
	for (int c = 0; c < n; c++) {
		qsort(took[c], (size_t)rounds, sizeof(long), by_length);
		printf("%ld %ld %ld\n", took[c][rounds / 2],
		       took[c][rounds / 10], took[c][rounds * 9 / 10]);
		free(took[c]);
	}
	return 0;
}
