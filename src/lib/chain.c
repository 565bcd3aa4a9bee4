#include "lib/chain.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"

/* POSIX leaves the default to the system; glibc's confstr adds nothing. */
#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

static int
executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EACCES;
		return -1;
	}
	return access(path, X_OK);
}

char *
chain_find_good(const char *name, int (*good)(const char *path))
{
	const char *path = getenv("PATH"), *end;
	int error = ENOENT;

	if (strchr(name, '/'))
		return executable(name) < 0 ? NULL : mem_copy(name);
	if (!path || !*path)
		path = DEFAULT_PATH;
	for (; *name && *path; path = *end ? end + 1 : end) {
		char *full;

		end = strchrnul(path, ':');
		if (*path != '/')
			continue;
		full = mem_printf("%.*s/%s", (int)(end - path), path, name);
		if (executable(full) == 0) {
			if (!good || good(full))
				return full;
		} else if (errno == EACCES)
			error = EACCES;
		free(full);
	}
	errno = error;
	return NULL;
}

char *
chain_find(const char *name)
{
	return chain_find_good(name, NULL);
}

void
chain_exec(char *const argv[])
{
	char *path = chain_find(argv[0]);

	if (path)
		execv(path, argv);
	/* ENOENT after path was found: the interpreter of #! is missing. */
	die(!path && (errno == ENOENT || errno == ENOTDIR) ? ERR_NOTFOUND
							    : ERR_NOEXEC,
	    "cannot execute '%s': %m", argv[0]);
}

char *
chain_sibling(const char *name)
{
	char self[PATH_MAX], *slash, *path;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		die_hint("pen needs /proc to be mounted",
			 "cannot read /proc/self/exe: %m");
	self[n] = '\0';
	slash = strrchr(self, '/');
	path = mem_printf("%.*s/%s", (int)(slash - self), self, name);
	if (executable(path) < 0)
		die_hint("pen is not completely installed: run install.sh",
			 "cannot find '%s': %m", path);
	return path;
}
