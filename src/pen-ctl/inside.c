#include "pen-ctl/inside.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/num.h"

/* A program inside can listen on every port, and have as many processes. */
#define LISTENERS_MAX 4096
#define LISTEN_STATE 0x0a /* TCP_LISTEN of include/net/tcp_states.h */

/* A socket of /proc/PID/net/tcp that listens. */
struct sock {
	unsigned long inode;
	struct inside_listener is;
};

struct socks {
	struct sock *v;
	size_t n;
};

/* The number of the process, or -1 with errno. */
static pid_t
pid_of(int pidfd)
{
	char path[64], line[128];
	long pid = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Pid: %ld", &pid) == 1)
			break;
	fclose(f);
	errno = ESRCH;
	return pid > 0 ? (pid_t)pid : -1;
}

/* The address as the file has it: words of four bytes, in the host's order. */
static char *
read_address(const char *hex, int family)
{
	uint32_t words[4] = {0};
	size_t n = family == AF_INET ? 1 : 4;
	char out[INET6_ADDRSTRLEN];
	int any = 1;

	for (size_t i = 0; i < n; i++) {
		char part[9] = "";

		memcpy(part, hex + 8 * i, 8);
		words[i] = (uint32_t)strtoul(part, NULL, 16);
		any &= words[i] == 0;
	}
	return mem_copy(any ? "*" : inet_ntop(family, words, out, sizeof(out)));
}

static int
read_sockets(pid_t pid, int family, struct socks *list)
{
	char path[64], line[512], hex[33];
	unsigned port, state;
	unsigned long inode;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/net/tcp%s", (int)pid,
		 family == AF_INET ? "" : "6");
	f = fopen(path, "re");
	if (!f)
		return family == AF_INET6 && errno == ENOENT ? 0 : -1;
	while (list->n < LISTENERS_MAX && fgets(line, sizeof(line), f)) {
		if (sscanf(
			line,
			" %*u: %32[0-9A-F]:%x %*s %x %*s %*s %*s %*u %*u %lu",
			hex, &port, &state, &inode) != 4 ||
		    state != LISTEN_STATE ||
		    strlen(hex) != (family == AF_INET ? 8 : 32))
			continue;
		list->v = mem_room(list->v, list->n, sizeof(*list->v));
		list->v[list->n++] = (struct sock){
		    inode, {port, read_address(hex, family), 0, NULL}};
	}
	fclose(f);
	return 0;
}

/* The file that the process executes, without its directory. */
static char *
program_of(pid_t pid)
{
	char path[64], exe[PATH_MAX], seen[NAME_MAX * 4 + 5];
	const char *name;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, exe, sizeof(exe) - 1);
	if (n <= 0)
		return mem_copy("?");
	exe[n] = '\0';
	name = strrchr(exe, '/');
	name = name ? name + 1 : exe;
	return mem_copy(err_visible(seen, sizeof(seen), name, strlen(name)));
}

/* Looks for those of the sockets that the process has. */
static int
add_process(void *arg, pid_t pid)
{
	struct socks *socks = arg;
	char path[64], link[64];
	DIR *d;
	struct dirent *e;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		unsigned long inode;
		ssize_t n =
		    readlinkat(dirfd(d), e->d_name, link, sizeof(link) - 1);

		link[n > 0 ? n : 0] = '\0';
		if (sscanf(link, "socket:[%lu]", &inode) != 1)
			continue;
		for (size_t i = 0; i < socks->n; i++)
			if (socks->v[i].inode == inode && !socks->v[i].is.pid) {
				socks->v[i].is.pid = pid;
				socks->v[i].is.program = program_of(pid);
			}
	}
	if (d)
		closedir(d);
	return 0;
}

/* Whether the process is in the network that net is. */
static int
is_inside(pid_t pid, const struct stat *net)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return stat(path, &st) == 0 && st.st_ino == net->st_ino &&
	       st.st_dev == net->st_dev;
}

static int
compare_listeners(const void *a, const void *b)
{
	const struct inside_listener *x = a, *y = b;
	int by_port = (x->port > y->port) - (x->port < y->port);
	int by_address = strcmp(x->address, y->address);

	return by_port	    ? by_port
	       : by_address ? by_address
			    : (x->pid > y->pid) - (x->pid < y->pid);
}

/* Calls take for each process in the network of pid until that returns 1. */
static int
each_process(pid_t pid, int (*take)(void *arg, pid_t pid), void *arg)
{
	char path[64];
	unsigned long number;
	struct stat net;
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	if (stat(path, &net) < 0 || !(d = opendir("/proc")))
		return -1;
	while ((e = readdir(d)))
		if (num_parse(e->d_name, 10, INT_MAX, &number) == 0 &&
		    is_inside((pid_t)number, &net) && take(arg, (pid_t)number))
			break;
	closedir(d);
	return 0;
}

int
inside_list(int pidfd, struct inside *list)
{
	struct socks socks = {.n = 0};
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	pid_t pid = pid_of(pidfd);

	if (pid < 0 || read_sockets(pid, AF_INET, &socks) < 0 ||
	    read_sockets(pid, AF_INET6, &socks) < 0 ||
	    each_process(pid, add_process, &socks) < 0)
		return -1;
	/* the number may have been another process' since */
	errno = ESRCH;
	if (poll(&ended, 1, 0) != 0)
		return -1;
	*list = (struct inside){.n = socks.n};
	for (size_t i = 0; i < socks.n; i++) {
		list->v = mem_room(list->v, i, sizeof(*list->v));
		list->v[i] = socks.v[i].is;
	}
	free(socks.v);
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare_listeners);
	return 0;
}

struct room {
	const char *path;
	struct statfs fs;
	int found;
};

/* The first in the network is pen-ns' monitor, which sees the host's files. */
static int
look_at_room(void *arg, pid_t pid)
{
	struct room *r = arg;
	char *path = mem_printf("/proc/%d/root%s", (int)pid, r->path);
	struct stat root, own;

	r->found = stat("/", &own) == 0 && statfs(path, &r->fs) == 0 &&
		   r->fs.f_type == TMPFS_MAGIC && r->fs.f_blocks > 0;
	free(path);
	path = mem_printf("/proc/%d/root", (int)pid);
	if (r->found && (stat(path, &root) < 0 || (root.st_dev == own.st_dev &&
						   root.st_ino == own.st_ino)))
		r->found = 0;
	free(path);
	return r->found;
}

int
inside_room(int pidfd, const char *path, unsigned long long *used,
	    unsigned long long *size)
{
	struct room r = {.path = path};
	pid_t pid = pid_of(pidfd);

	if (pid < 0 || each_process(pid, look_at_room, &r) < 0 || !r.found)
		return -1;
	*size = (unsigned long long)r.fs.f_blocks * (unsigned)r.fs.f_bsize;
	*used =
	    *size - (unsigned long long)r.fs.f_bfree * (unsigned)r.fs.f_bsize;
	return 0;
}
