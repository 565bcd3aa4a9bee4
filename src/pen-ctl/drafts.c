#include "pen-ctl/drafts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/projects.h"
#include "pen-ctl/show.h"

#define DEPTH_MAX 128

/* What is below a directory. */
struct sum {
	unsigned long long files, bytes;
	time_t changed; /* the last of them */
};

static void
add_below(struct sum *s, int fd, int depth)
{
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	struct stat st;

	if (d && fstat(fd, &st) == 0 && st.st_ctime > s->changed)
		s->changed = st.st_ctime;
	while (d && (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (st.st_ctime > s->changed)
			s->changed = st.st_ctime;
		s->bytes += (unsigned long long)st.st_blocks * 512;
		if (!S_ISDIR(st.st_mode))
			s->files++;
		else if (depth > 0)
			add_below(s,
				  beneath_open(dirfd(d), e->d_name,
					       O_RDONLY | O_DIRECTORY),
				  depth - 1);
	}
	if (d)
		closedir(d);
}

/* A project, and its drafts, or one of its overlays by name. */
struct line {
	const char *root, *overlay; /* overlay may be NULL */
	int gone;		    /* there is no such directory any more */
	struct sum sum;
};

static char *
text_of_size(unsigned long long bytes)
{
	static const char units[] = "KMGT";
	unsigned long long n = (bytes + 1023) / 1024;
	int unit = 0;

	for (; n >= 10000 && units[unit + 1]; unit++)
		n /= 1024;
	return mem_printf("%llu%c", n, units[unit]);
}

static char *
text_of_age(time_t changed)
{
	long long s = (long long)(time(NULL) - changed);

	if (s < 0)
		s = 0;
	return s < 3600	   ? mem_printf("%lldm", s / 60)
	       : s < 86400 ? mem_printf("%lldh", s / 3600)
			   : mem_printf("%lldd", s / 86400);
}

static void
print_line(const struct line *l, int json, int first)
{
	size_t room = 4 * strlen(l->root) + 5;
	char *root = mem_alloc(room), *what, *size, *age;

	err_visible(root, room, l->root, strlen(l->root));
	if (json) {
		json_t *o = json_pack(
		    "{s:s, s:s*, s:I, s:I, s:I, s:b}", "project", root,
		    "overlay", l->overlay, "files", (json_int_t)l->sum.files,
		    "bytes", (json_int_t)l->sum.bytes, "changed",
		    (json_int_t)l->sum.changed, "gone", l->gone);

		if (!o)
			die(ERR_TOOL, "out of memory");
		show_json(NULL, o);
		json_decref(o);
		free(root);
		return;
	}
	if (first)
		printf("%-20s %7s %7s %5s  %s\n", "HELD", "FILES", "SIZE",
		       "AGE", "PROJECT");
	what = l->overlay ? mem_printf("overlay %s", l->overlay)
			  : mem_copy("drafts");
	size = text_of_size(l->sum.bytes);
	age = text_of_age(l->sum.changed);
	printf("%-20s %7llu %7s %5s  %s%s\n", what, l->sum.files, size, age,
	       root, l->gone ? "  (gone)" : "");
	free(what);
	free(size);
	free(age);
	free(root);
}

/* The trees of an overlay, which are few. */
static void
sum_overlay(struct sum *s, int state, const char *name)
{
	for (int t = 0; t < 2; t++) {
		char *up = mem_printf("overlay/%s/t%d/up", name, t);

		add_below(s, beneath_open(state, up, O_RDONLY | O_DIRECTORY),
			  DEPTH_MAX);
		free(up);
	}
}

static void
print_project(int projects, const char *id, int json, int *n)
{
	char *root = projects_root(projects, id);
	int state = beneath_open(projects, id, O_RDONLY | O_DIRECTORY);
	int dir = beneath_open(state, "overlay", O_RDONLY | O_DIRECTORY);
	DIR *d = dir < 0 ? NULL : fdopendir(dir);
	struct line l = {.root = root ? root : id};
	struct dirent *e;
	struct stat st;

	l.gone = !root || lstat(root, &st) < 0;
	add_below(&l.sum,
		  beneath_open(state, "draft/tree", O_RDONLY | O_DIRECTORY),
		  DEPTH_MAX);
	if (l.sum.files > 0)
		print_line(&l, json, (*n)++ == 0);
	while (d && (e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		l.sum = (struct sum){0};
		l.overlay = e->d_name;
		sum_overlay(&l.sum, state, e->d_name);
		print_line(&l, json, (*n)++ == 0);
	}
	if (d)
		closedir(d);
	if (state >= 0)
		close(state);
	free(root);
}

void
drafts_print(int json)
{
	char *path = projects_directory();
	int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	DIR *d = fd < 0 ? NULL : fdopendir(dup(fd));
	struct dirent *e;
	int n = 0;

	if (!path)
		die(ERR_TOOL, "there is no place for drafts: set HOME");
	if (fd < 0 && errno != ENOENT)
		die(ERR_TOOL, "cannot open '%s': %m", path);
	while (d && (e = readdir(d)))
		if (*e->d_name != '.')
			print_project(fd, e->d_name, json, &n);
	if (d)
		closedir(d);
	if (fd >= 0)
		close(fd);
	free(path);
}
