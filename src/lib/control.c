/*
 * Who adds or removes a session holds a lock on the directory of all of them
 * (flock(2)), so that one without a listener is known to be dead: it is not
 * just being made.  Paths of sockets are limited to 107 bytes, those of
 * directories are not: the socket is named through /proc/self/fd.
 */
#include "lib/control.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/receive.h"
#include "lib/state.h"

#define SOCKET "control"

/* Whether path is a directory of this user's. */
static int
is_own_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid();
}

/*
 * After su(1) XDG_RUNTIME_DIR is still the other user's, and without a login it
 * may name what is not there.  *passed_over, unless NULL, is it then.
 */
static char *
choose_directory(const char **passed_over)
{
	const char *run = getenv("XDG_RUNTIME_DIR");

	if (passed_over)
		*passed_over = NULL;
	if (run && *run == '/' && is_own_directory(run))
		return mem_printf("%s/pen", run);
	if (passed_over && run && *run)
		*passed_over = run;
	return state_path("run");
}

char *
control_directory(void)
{
	return choose_directory(NULL);
}

/* The directory of all sessions, which nobody else may change. */
static int
open_all(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || st.st_uid != geteuid() ||
	    (st.st_mode & (S_IWGRP | S_IWOTH))) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

static int
open_existing(void)
{
	char *path = control_directory();
	int fd = path ? open_all(path) : -1, error = errno;

	free(path);
	errno = error;
	return fd;
}

static void
socket_address(int dir, struct sockaddr_un *a)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(a->sun_path, sizeof(a->sun_path), "/proc/self/fd/%d/" SOCKET,
		 dir);
}

/* A connection to the session called name in all, or -1 with errno. */
static int
connect_in(int all, const char *name)
{
	int dir =
	    openat(all, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int fd = -1, saved;
	struct sockaddr_un a;

	if (dir < 0)
		return -1;
	socket_address(dir, &a);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		saved = errno;
		close(fd);
		errno = saved;
		fd = -1;
	}
	saved = errno;
	close(dir);
	errno = saved;
	return fd;
}

static void
remove_in(int all, const char *name)
{
	int dir =
	    openat(all, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return;
	unlinkat(dir, SOCKET, 0);
	close(dir);
	unlinkat(all, name, AT_REMOVEDIR);
}

/* Whether it runs; if it does not, what is left of it goes. */
static int
session_alive(int all, const char *name)
{
	int fd = connect_in(all, name);

	if (fd >= 0)
		close(fd);
	else if (errno == ECONNREFUSED || errno == ENOENT)
		remove_in(all, name);
	else
		return errno == EAGAIN; /* its queue is full */
	return fd >= 0;
}

static int
compare_names(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

/* Removes what is left of dead sessions, and pushes the others' names. */
static int
sweep_dead(int all, struct strv *names)
{
	int fd = openat(all, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		close(fd);
		return -1;
	}
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' && session_alive(all, e->d_name))
			strv_push(names, mem_copy(e->d_name));
	closedir(d);
	return 0;
}

int
control_list(struct strv *names)
{
	int all = open_existing(), r;

	if (all < 0)
		return errno == ENOENT ? 0 : -1;
	r = flock(all, LOCK_EX);
	if (r == 0)
		r = sweep_dead(all, names);
	close(all);
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), compare_names);
	return r;
}

/* Pids come again, and another pid namespace has the same ones. */
static char *
make_directory(int all, const char *path, pid_t pid)
{
	char *name = mem_printf("%d", (int)pid);

	for (int i = 2; mkdirat(all, name, 0700) < 0; i++) {
		if (errno != EEXIST || i > 100)
			die(ERR_TOOL, "cannot make the session '%s/%s': %m",
			    path, name);
		if (!session_alive(all, name))
			continue;
		free(name);
		name = mem_printf("%d-%d", (int)pid, i);
	}
	return name;
}

/* Makes and opens the directory of all sessions; its path is the caller's. */
static char *
open_own(int *all)
{
	const char *passed_over;
	char *path = choose_directory(&passed_over);

	if (!path)
		die_hint("set HOME", "there is no place for the session");
	if (passed_over)
		err_warn(
		    "XDG_RUNTIME_DIR '%s' is not a directory of yours: the "
		    "session is in '%s'",
		    passed_over, path);
	if (state_make(path) < 0 || (*all = open_all(path)) < 0 ||
	    flock(*all, LOCK_EX) < 0)
		die_hint("it is made below XDG_RUNTIME_DIR, XDG_STATE_HOME or "
			 "HOME, and has to be yours alone",
			 "cannot open the directory of the sessions '%s': %m",
			 path);
	return path;
}

/*
 * Whatever the caller's umask is: what is made here is for the user alone, who
 * has to be able to enter it.
 */
int
control_create(pid_t pid, int *dir, char **name)
{
	mode_t mask = umask(0077);
	struct strv others = {0};
	struct sockaddr_un a;
	int all, fd;
	char *path = open_own(&all);

	sweep_dead(all, &others);
	*name = make_directory(all, path, pid);
	*dir =
	    openat(all, *name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socket_address(*dir, &a);
	umask(0177);
	if (*dir < 0 || fd < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, 16) < 0) {
		int error = errno;

		remove_in(all, *name);
		errno = error;
		die(ERR_TOOL, "cannot make the control socket in '%s/%s': %m",
		    path, *name);
	}
	umask(mask);
	close(all);
	free(path);
	return fd;
}

/* Through dir: the proxy has no other way to the directory above. */
void
control_remove(int dir, const char *name)
{
	char *up = mem_printf("../%s", name);

	unlinkat(dir, SOCKET, 0);
	unlinkat(dir, up, AT_REMOVEDIR);
	free(up);
}

int
control_connect(const char *session)
{
	int all, fd, flags;

	if (strchr(session, '/') || session[0] == '.') {
		errno = ENOENT;
		return -1;
	}
	all = open_existing();
	if (all < 0)
		return -1;
	fd = connect_in(all, session);
	if (fd < 0 && errno == ECONNREFUSED)
		errno = ENOENT;
	if (fd >= 0 && ((flags = fcntl(fd, F_GETFL)) < 0 ||
			fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)) {
		close(fd);
		fd = -1;
	}
	flags = errno;
	close(all);
	errno = flags;
	return fd;
}

int
control_send(int fd, const char *request)
{
	size_t n = strlen(request);

	if (n == 0 || n > CONTROL_REQUEST_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	return fd_send(fd, request, n, NULL, 0);
}

ssize_t
control_receive(int fd, char message[CONTROL_REPLY_MAX + 1], int *extra)
{
	int fds[FD_MSG_MAX];
	size_t n;
	ssize_t len = receive_message(fd, message, CONTROL_REPLY_MAX, fds, &n);

	if (extra)
		*extra = -1;
	if (extra && len > 0 && n > 0)
		*extra = fds[--n];
	while (n > 0)
		close(fds[--n]);
	if (len < 0)
		return errno == ECONNRESET ? 0 : -1;
	message[len] = '\0';
	return len;
}
