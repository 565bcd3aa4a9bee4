#include "pen-limit/group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/file.h"
#include "lib/mem.h"

#define ROOT "/sys/fs/cgroup"
#define FILE_MAX 65536

/* Microseconds: the kernel's own standard. */
#define PERIOD 100000u

/* The file name in the directory, or NULL. */
static char *
read_in(const char *dir, const char *name)
{
	char *path = mem_printf("%s/%s", dir, name);
	size_t n;
	char *text = file_read(path, 0, FILE_MAX, &n);

	free(path);
	return text;
}

static int
write_in(const char *dir, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC), r;

	free(path);
	if (fd < 0)
		return -1;
	r = fd_write_all(fd, text, strlen(text));
	close(fd);
	return r;
}

/* Whether one of the words of text is word. */
static int
has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = text; (s = strstr(s, word)); s += n)
		if ((s == text || s[-1] == ' ') && strchr(" \n", s[n]))
			return 1;
	return 0;
}

/* Whether what is made in the directory has these limits, and may be made. */
static int
group_serves(const char *dir, const struct limits *l)
{
	char *control = read_in(dir, "cgroup.subtree_control");
	char *procs = mem_join(dir, "/cgroup.procs");
	int yes = control && (!l->memory || has_word(control, "memory")) &&
		  (!l->cpu || has_word(control, "cpu")) &&
		  access(dir, W_OK) == 0 && access(procs, W_OK) == 0;

	free(control);
	free(procs);
	return yes;
}

/* The nearest directory above our own that serves, or NULL. */
static char *
find_delegated(const struct limits *l)
{
	char *text = read_in("/proc/self", "cgroup"), *own, *dir;

	own = text ? strstr(text, "0::/") : NULL;
	if (!own || (own != text && own[-1] != '\n')) {
		free(text);
		errno = ENOENT;
		return NULL;
	}
	own += 3;
	own[strcspn(own, "\n")] = '\0';
	dir = mem_join(ROOT, own);
	free(text);
	while (strlen(dir) >= strlen(ROOT)) {
		if (group_serves(dir, l))
			return dir;
		*strrchr(dir, '/') = '\0';
	}
	free(dir);
	errno = EACCES;
	return NULL;
}

static int
set_limits(const char *group, const struct limits *l)
{
	char text[64];

	if (l->memory) {
		snprintf(text, sizeof(text), "%llu", l->memory);
		if (write_in(group, "memory.max", text) < 0)
			return -1;
		/* or what is too much goes to the disk; not every kernel has it
		 */
		write_in(group, "memory.swap.max", "0");
	}
	if (l->cpu) {
		snprintf(text, sizeof(text), "%u %u", l->cpu * (PERIOD / 100),
			 PERIOD);
		if (write_in(group, "cpu.max", text) < 0)
			return -1;
	}
	snprintf(text, sizeof(text), "%d", (int)getpid());
	return write_in(group, "cgroup.procs", text);
}

char *
group_enter(const char *dir, const struct limits *l)
{
	char *found = dir ? mem_copy(dir) : find_delegated(l), *group;
	int error;

	if (!found)
		return NULL;
	group = mem_printf("%s/pen-%d", found, (int)getpid());
	free(found);
	if (mkdir(group, 0755) < 0 && errno != EEXIST) {
		free(group);
		return NULL;
	}
	if (set_limits(group, l) == 0)
		return group;
	error = errno;
	rmdir(group);
	free(group);
	errno = error;
	return NULL;
}

unsigned long
group_killed(const char *group)
{
	char *text = read_in(group, "memory.events");
	char *at = text ? strstr(text, "oom_kill ") : NULL;
	unsigned long n = at ? strtoul(at + strlen("oom_kill "), NULL, 10) : 0;

	free(text);
	return n;
}
