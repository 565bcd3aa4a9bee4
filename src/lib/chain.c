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
	const char *name = argv[0];
	char *path = strchr(name, '/') ? mem_copy(name) : chain_find(name);
	int error;

	if (path)
		execv(path, argv);
	error = errno;
	/* ENOENT of what is there: the interpreter of #! is missing. */
	die(error == ENOTDIR || (error == ENOENT && !chain_find(name))
		    ? ERR_NOTFOUND
		    : ERR_NOEXEC,
	    "cannot execute '%s': %s", name, strerror(error));
}

/* The directory of the running executable, which is asked for once. */
static const char *
own_directory(void)
{
	static char *self;

	if (self)
		return self;
	self = mem_alloc(PATH_MAX);
	if (readlink("/proc/self/exe", self, PATH_MAX - 1) < 0)
		die_hint("pen needs /proc to be mounted",
			 "cannot read /proc/self/exe: %m");
	*strrchr(self, '/') = '\0';
	return self;
}

char *
chain_sibling(const char *name)
{
	char *path = mem_printf("%s/%s", own_directory(), name);

	if (executable(path) < 0)
		die_hint("pen is not completely installed: run install.sh",
			 "cannot find '%s': %m", path);
	return path;
}
