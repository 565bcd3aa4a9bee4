#include "pen-report/stale.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/file.h"
#include "lib/num.h"

#define STAT_MAX 4096
#define MANIFEST_MAX ((size_t)64 << 20)

/* Of so many, the first are enough: they are the oldest. */
#define STALE_MAX 64

/* A process that nobody has waited for is dead, too: in containers it stays. */
static int
is_gone(unsigned long pid)
{
	char path[64], *text, *end;
	size_t n;
	int gone;

	snprintf(path, sizeof(path), "/proc/%lu/stat", pid);
	text = file_read(path, 0, STAT_MAX, &n);
	if (!text)
		return errno == ENOENT || errno == ESRCH;
	end = strrchr(text, ')'); /* its name can have anything in it */
	gone = end && strncmp(end, ") Z", 3) == 0;
	free(text);
	return gone;
}

/* A run's name ends with its process. */
static int
has_ended(const char *name)
{
	const char *dash = strrchr(name, '-');
	unsigned long pid;

	return dash && num_parse(dash + 1, 10, 1UL << 30, &pid) == 0 &&
	       pid > 0 && is_gone(pid);
}

/*
 * Whoever has the lock of a run's manifest goes on, whichever process has its
 * number now; before its program began, it may be about to take it.
 */
static int
is_dead(int runs, const char *name)
{
	char *path = mem_printf("%s/manifest.json", name);
	int fd = beneath_open(runs, path, O_RDONLY), locked = 0;
	struct stat st = {0};

	free(path);
	if (fd >= 0 && fstat(fd, &st) == 0)
		locked = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -1 : 1;
	if (locked < 0 && errno == EWOULDBLOCK)
		locked = 2;
	if (fd >= 0)
		close(fd);
	if (locked == 2)
		return 0;
	return (locked == 1 && st.st_mode & S_IWUSR) || has_ended(name);
}

static int
is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec
				      : a->tv_nsec < b->tv_nsec;
}

/* Begins where the run old did, or at since, if that is later. */
static void
take_marks(struct manifest *m, const struct manifest *old,
	   const struct timespec *since)
{
	for (size_t i = 0; i < old->nmarks; i++) {
		struct mark mark = old->marks[i];
		size_t k = 0;

		if (is_before(&mark.time, since))
			mark.time = *since;
		while (k < m->nmarks && m->marks[k].dev != mark.dev)
			k++;
		if (k == m->nmarks) {
			m->marks =
			    mem_room(m->marks, m->nmarks, sizeof(*m->marks));
			m->marks[m->nmarks++] = mark;
		} else if (is_before(&mark.time, &m->marks[k].time)) {
			m->marks[k].time = mark.time;
		}
	}
}

static void
take_trees(struct manifest *m, const struct manifest *old)
{
	for (size_t i = 0; i < old->ntrees; i++) {
		size_t k = 0;

		while (k < m->ntrees &&
		       strcmp(m->trees[k].path, old->trees[i].path) != 0)
			k++;
		if (k < m->ntrees)
			continue;
		m->trees = mem_room(m->trees, m->ntrees, sizeof(*m->trees));
		m->trees[m->ntrees++] = old->trees[i];
	}
}

/* pen itself makes state before the mark: that of others counts where they
 * wrote. */
static void
note_shared(struct manifest *m, const struct manifest *old)
{
	for (size_t i = 0; i < m->ntrees; i++)
		for (size_t k = 0; k < old->ntrees; k++) {
			const char *a = m->trees[i].path;
			const char *b = old->trees[k].path;

			if (manifest_below(a, b) || manifest_below(b, a))
				m->trees[i].shared = 1;
		}
}

static void
keep_own_marks(struct manifest *m)
{
	m->own_marks = mem_alloc((m->nmarks + 1) * sizeof(*m->marks));
	memcpy(m->own_marks, m->marks, m->nmarks * sizeof(*m->marks));
	m->nown_marks = m->nmarks;
}

static int
had_id(const struct manifest *old, const char *id)
{
	for (size_t i = 0; i < old->ntips; i++)
		if (strcmp(old->tips[i].id, id) == 0)
			return 1;
	return old->head && strcmp(old->head, id) == 0;
}

/* What was no branch's when the dead run began may be its own making. */
static void
forget_tips(struct manifest *m, const struct manifest *old)
{
	size_t n = 0;

	for (size_t i = 0; i < m->ntips; i++)
		if (had_id(old, m->tips[i].id))
			m->tips[n++] = m->tips[i];
	m->ntips = n;
	if (m->head && !had_id(old, m->head))
		m->head = NULL;
}

/* Read-only, it says that the chain failed before prog could begin. */
static int
read_manifest(struct manifest *m, int runs, const char *name)
{
	char *path = mem_printf("%s/manifest.json", name);
	struct stat st;
	size_t n;
	char *text = beneath_read(runs, path, MANIFEST_MAX, &n, &st);
	int bad = !text || !(st.st_mode & S_IWUSR) ||
		  manifest_parse(m, text, n) != NULL;

	free(text);
	free(path);
	return bad ? -1 : 0;
}

int
stale_layer(int state, const char *name)
{
	char *path = mem_printf("runs/%s/layer", name);
	int fd = beneath_open(state, path, O_RDONLY | O_DIRECTORY);

	free(path);
	while (fd >= 0 && flock(fd, LOCK_EX) < 0 && errno == EINTR)
		;
	return fd;
}

char *
stale_why(const char *name, const struct manifest *m, int layer)
{
	int lost = m->ndrafts > 0 && layer < 0;

	return mem_printf("the run %s was killed, or had no room for its "
			  "account: what it %s",
			  name,
			  lost ? "changed is in this account, what was to be "
				 "held back is lost"
			       : "left is in this account, what appeared for "
				 "a moment only is not");
}

static void
take_run(struct manifest *m, int state, struct stale *s, struct strv *why)
{
	take_marks(m, &s->m, &(struct timespec){0});
	take_trees(m, &s->m);
	note_shared(m, &s->m);
	forget_tips(m, &s->m);
	s->layer = stale_layer(state, s->name);
	strv_push(why, stale_why(s->name, &s->m, s->layer));
}

/*
 * The branches of a run that still goes on are not the host's either.  What it
 * did before this one began, and after the last end, is told now: its own
 * account will compare with the list that this one leaves.
 */
static void
distrust_run(struct manifest *m, int runs, const char *name,
	     const struct timespec *last_end)
{
	char *path = mem_printf("%s/manifest.json", name), *text;
	struct manifest other;
	size_t n;

	text = beneath_read(runs, path, MANIFEST_MAX, &n, NULL);
	free(path);
	if (text && !manifest_parse(&other, text, n)) {
		take_marks(m, &other, last_end);
		note_shared(m, &other);
		forget_tips(m, &other);
	} else {
		m->ntips = 0;
		m->head = NULL;
	}
	free(text);
}

void
stale_take(struct manifest *m, int state, struct strv *why,
	   struct stale_runs *found)
{
	int runs = beneath_open(state, "runs", O_RDONLY | O_DIRECTORY);
	DIR *d = runs < 0 ? NULL : fdopendir(runs);
	struct dirent *e;
	struct stat last = {0};

	keep_own_marks(m);
	fstatat(state, "last.list", &last, AT_SYMLINK_NOFOLLOW);
	while (d && (e = readdir(d)) && found->n < STALE_MAX) {
		struct stale s = {.layer = -1};

		if (*e->d_name == '.' || strcmp(e->d_name, m->run) == 0)
			continue;
		if (!is_dead(dirfd(d), e->d_name)) {
			distrust_run(m, dirfd(d), e->d_name, &last.st_mtim);
			continue;
		}
		s.name = mem_copy(e->d_name);
		if (read_manifest(&s.m, dirfd(d), s.name) == 0)
			take_run(m, state, &s, why);
		found->v = mem_room(found->v, found->n, sizeof(*found->v));
		found->v[found->n++] = s;
	}
	if (d)
		closedir(d);
}

void
stale_remove(int state, const struct stale_runs *found)
{
	int runs = beneath_open(state, "runs", O_RDONLY | O_DIRECTORY);

	for (size_t i = 0; runs >= 0 && i < found->n; i++)
		beneath_remove(runs, found->v[i].name);
	if (runs >= 0)
		close(runs);
}

char *
stale_find(int state)
{
	int runs = beneath_open(state, "runs", O_RDONLY | O_DIRECTORY);
	DIR *d = runs < 0 ? NULL : fdopendir(runs);
	struct dirent *e;
	struct manifest m;
	char *name = NULL;

	while (d && !name && (e = readdir(d)))
		if (*e->d_name != '.' && is_dead(dirfd(d), e->d_name) &&
		    read_manifest(&m, dirfd(d), e->d_name) == 0 &&
		    strcmp(m.run, e->d_name) == 0)
			name = mem_copy(e->d_name);
	if (d)
		closedir(d);
	return name;
}
