#include "logs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
remove_log(int dir, const char *name)
{
	char *second = mem_printf("%s.1", name);
	unsigned long pid;

	if (is_log(name, &pid) && (kill((pid_t)pid, 0) < 0 && errno == ESRCH)) {
		unlinkat(dir, name, 0);
		unlinkat(dir, second, 0);
	}
	free(second);
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
		qsort(names.v, names.n, sizeof(*names.v), compare);
		for (size_t i = 0; i < names.n - LOGS_KEPT; i++)
			remove_log(dirfd(d), names.v[i]);
	}
	closedir(d);
}
