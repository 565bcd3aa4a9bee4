#include "pen/logs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/num.h"

/* "TIME-PID.jsonl", as pen names them, and nothing else. */
static int
is_log(const char *name, unsigned long *pid)
{
	const char *dash = strchr(name, '-'), *dot = strchr(name, '.');
	char digits[16];

	if (!dash || !dot || dot < dash || strcmp(dot, ".jsonl") != 0 ||
	    name[strspn(name, "0123456789TZ")] != '-' ||
	    dot - dash - 1 >= (ptrdiff_t)sizeof(digits))
		return 0;
	memcpy(digits, dash + 1, (size_t)(dot - dash - 1));
	digits[dot - dash - 1] = '\0';
	return num_parse(digits, 10, 1 << 30, pid) == 0;
}

static int
compare_logs(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
remove_log(int dir, const char *name)
{
	char *later[] = {mem_printf("%s.1", name), mem_printf("%s.2", name)};
	unsigned long pid;

	if (is_log(name, &pid) && (kill((pid_t)pid, 0) < 0 && errno == ESRCH)) {
		unlinkat(dir, name, 0);
		unlinkat(dir, later[0], 0);
		unlinkat(dir, later[1], 0);
	}
	free(later[0]);
	free(later[1]);
}

void
logs_prune(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct strv names = {0};
	struct dirent *e;
	unsigned long pid;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (is_log(e->d_name, &pid))
			strv_push(&names, mem_copy(e->d_name));
	if (names.n > LOGS_KEPT) {
		/* the names begin with the time */
		qsort(names.v, names.n, sizeof(*names.v), compare_logs);
		for (size_t i = 0; i < names.n - LOGS_KEPT; i++)
			remove_log(dirfd(d), names.v[i]);
	}
	closedir(d);
}

int
logs_note(const char *path, const char *network)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, was;
	time_t now = time(NULL);
	struct tm utc;
	char *line;
	int fd, bad;

	if (!gmtime_r(&now, &utc))
		return -1;
	/* a network's name is checked: it is JSON as it is */
	line = mem_printf("{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02dZ\","
			  "\"kind\":\"network\",\"why\":\"%s\"}\n",
			  utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
			  utc.tm_hour, utc.tm_min, utc.tm_sec, network);
	/* `ulimit -f` is an error here, not death without a word */
	sigaction(SIGXFSZ, &ignore, &was);
	/* in containers another one can have this second and this pid */
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC,
		  0600);
	/* whatever the mask takes away: pen-report reads it */
	bad = fd < 0 || fchmod(fd, 0600) < 0 ||
	      fd_write_all(fd, line, strlen(line)) < 0;
	sigaction(SIGXFSZ, &was, NULL);
	if (fd >= 0 && close(fd) < 0)
		bad = 1;
	free(line);
	return bad ? -1 : 0;
}
