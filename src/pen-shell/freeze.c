#include "pen-shell/freeze.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"

/* What forks while it is looked at is there the next time. */
#define PASSES 100

struct process {
	pid_t pid, parent;
	char state; /* as proc(5) has it */
};

struct processes {
	struct process *v;
	size_t n;
};

static pid_t *frozen; /* in the order in which they were stopped */
static size_t frozen_n;

static void
add_process(struct processes *l, const struct process *p)
{
	l->v = mem_room(l->v, l->n, sizeof(*p));
	l->v[l->n++] = *p;
}

/* The beginning of a file of the process in /proc, as a string. */
static int
read_proc(const char *pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, size - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : -1;
}

/* All processes; a name is what the process says it is, ')' included. */
static void
list_all(struct processes *l)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		char text[512], *rest;
		struct process p;

		if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
		    read_proc(e->d_name, "stat", text, sizeof(text)) < 0)
			continue;
		rest = strrchr(text, ')');
		if (sscanf(text, "%d", &p.pid) == 1 && rest &&
		    sscanf(rest, ") %c %d", &p.state, &p.parent) == 2)
			add_process(l, &p);
	}
	if (dir)
		closedir(dir);
}

/* Whether it has a number in a further pid namespace, too. */
static int
in_jail(pid_t pid)
{
	char name[16], text[4096], *ids;
	int here, there;

	snprintf(name, sizeof(name), "%d", (int)pid);
	if (read_proc(name, "status", text, sizeof(text)) < 0)
		return 0;
	ids = strstr(text, "\nNSpid:");
	return ids && sscanf(ids, " NSpid: %d%*[ \t]%d", &here, &there) == 2;
}

/* What is in the jail of pen's, parents first. */
static void
list_jail(pid_t pen, struct processes *jail)
{
	struct processes all = {0};

	list_all(&all);
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i].parent == pen && in_jail(all.v[i].pid))
			add_process(jail, &all.v[i]);
	for (size_t i = 0; i < jail->n; i++)
		for (size_t k = 0; k < all.n; k++)
			if (all.v[k].parent == jail->v[i].pid)
				add_process(jail, &all.v[k]);
	free(all.v);
}

void
freeze_stop(pid_t pen)
{
	size_t before;
	int passes = 0;

	do {
		struct processes jail = {0};

		before = frozen_n;
		list_jail(pen, &jail);
		for (size_t i = 0; i < jail.n; i++) {
			const struct process *p = &jail.v[i];

			if (strchr("TtZX", p->state) ||
			    kill(p->pid, SIGSTOP) < 0)
				continue;
			frozen = mem_room(frozen, frozen_n, sizeof(*frozen));
			frozen[frozen_n++] = p->pid;
		}
		free(jail.v);
	} while (frozen_n > before && ++passes < PASSES);
}

/* A number can only be another's by now if somebody has killed what had it. */
void
freeze_continue(void)
{
	while (frozen_n > 0)
		kill(frozen[--frozen_n], SIGCONT);
}
