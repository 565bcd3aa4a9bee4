#include "lib/chain.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"

/* POSIX leaves the default to the system; glibc's confstr adds nothing. */
#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

static int
check_executable(const char *path)
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
		return check_executable(name) < 0 ? NULL : mem_copy(name);
	if (!path || !*path)
		path = DEFAULT_PATH;
	for (; *name && *path; path = *end ? end + 1 : end) {
		char *full;

		end = strchrnul(path, ':');
		if (*path != '/')
			continue;
		full = mem_printf("%.*s/%s", (int)(end - path), path, name);
		if (check_executable(full) == 0) {
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
	const char *hint;
	int error;

	if (path)
		execv(path, argv);
	error = errno;
	hint = error == E2BIG ? "its command line or environment is too long: "
				"fewer rules of pen.conf, or fewer variables"
	       : path && error == EPERM ? chain_remedy("exec", error)
					: NULL;
	if (hint) {
		err_warn("cannot execute '%s': %s", name, strerror(error));
		err_hint("%s", hint);
		err_exit(ERR_NOEXEC);
	}
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

	if (check_executable(path) < 0)
		die_hint("pen is not completely installed: run install.sh",
			 "cannot find '%s': %m", path);
	return path;
}

const char *
chain_remedy(const char *what, int error)
{
	char *path = mem_printf("%s/pen-check", own_directory());
	char *number = mem_printf("%d", error), *said = NULL;
	int out[2], saved = errno;
	size_t n;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		return "pen-check says what refuses it";
	if (pid == 0) {
		dup2(out[1], STDOUT_FILENO);
		execl(path, path, "--refused", what, number, (char *)NULL);
		_exit(ERR_NOEXEC);
	}
	close(out[1]);
	said = fd_read_all(out[0], PATH_MAX, &n);
	waitpid(pid, NULL, 0);
	errno = saved; /* the message beside the hint says %m */
	if (!said || n == 0)
		return "pen-check says what refuses it";
	said[strcspn(said, "\n")] = '\0';
	return said;
}
