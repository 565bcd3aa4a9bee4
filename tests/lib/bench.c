/*
 * bench N prog [args…] [/// prog [args…]]…
 *
 * Runs each command N times, one of each in turn, so that what else the machine
 * does falls on all alike; in another order each time, so that what the kernel
 * has yet to do for one does not always fall on the next.  Prints a line for
 * each, in microseconds: median, fastest and slowest decile from posix_spawn to
 * the end of waitpid, and the median of the processor time of the command and
 * all that it started.
 */
#include <err.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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
cpu(const struct rusage *r)
{
	return (r->ru_utime.tv_sec + r->ru_stime.tv_sec) * 1000000L +
	       r->ru_utime.tv_usec + r->ru_stime.tv_usec;
}

/* Microseconds of wall time; *used: of processor time. */
static long
run(char **argv, long *used)
{
	long start = now(), took;
	struct rusage r;
	int error, status;
	pid_t pid;

	error = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (error)
		errx(125, "%s: %s", argv[0], strerror(error));
	if (wait4(pid, &status, 0, &r) < 0)
		err(125, "wait4");
	took = now() - start;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(125, "%s failed (%#x)", argv[0], (unsigned)status);
	*used = cpu(&r);
	/* what it has left to end alone: the reaper of bubblewrap */
	while (wait4(-1, &status, 0, &r) > 0)
		*used += cpu(&r);
	return took;
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

static void
shuffle(int *order, int n)
{
	for (int i = n - 1; i > 0; i--) {
		int j = rand() % (i + 1), was = order[i];

		order[i] = order[j];
		order[j] = was;
	}
}

int
main(int argc, char **argv)
{
	char **commands[COMMANDS];
	long *took[COMMANDS], *used[COMMANDS], unused;
	long rounds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;
	int n, order[COMMANDS];

	if (rounds < 1)
		errx(125, "usage: bench N prog [args] [/// prog [args]]...");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		err(125, "prctl");
	n = split(argv + 2, commands);
	for (int c = 0; c < n; c++) {
		took[c] = calloc((size_t)rounds, sizeof(long));
		used[c] = calloc((size_t)rounds, sizeof(long));
		if (!took[c] || !used[c])
			err(125, "calloc");
		run(commands[c], &unused); /* the page cache warms up */
		order[c] = c;
	}
	for (long i = 0; i < rounds; i++) {
		shuffle(order, n);
		for (int k = 0; k < n; k++) {
			int c = order[k];

			took[c][i] = run(commands[c], &used[c][i]);
		}
	}
	for (int c = 0; c < n; c++) {
		qsort(took[c], (size_t)rounds, sizeof(long), by_length);
		qsort(used[c], (size_t)rounds, sizeof(long), by_length);
		printf("%ld %ld %ld %ld\n", took[c][rounds / 2],
		       took[c][rounds / 10], took[c][rounds * 9 / 10],
		       used[c][rounds / 2]);
		free(took[c]);
		free(used[c]);
	}
	return 0;
}
