#include "pen-report/merge.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/gitindex.h"
#include "lib/mem.h"
#include "lib/sha.h"
#include "lib/upper.h"
#include "pen-report/draft_note.h"
#include "pen-report/drafts.h"
#include "pen-report/keymerge.h"

/* Whoever was inside chose how deep, and how many. */
#define DEPTH_MAX 64
#define FILES_MAX 100000

/* A value that is shown; a long one says nothing, or too much. */
#define OLD_MAX 100

#define INDEX_MAX ((size_t)256 << 20)

struct merge {
	struct account *a;
	struct drafts d;
	const struct history *history;
	size_t files;
	unsigned long long room; /* for the texts of the layer */
	struct strv emptied;	 /* directories that a branch may not have */
};

static void
add_why(struct merge *m, const char *path, const char *what)
{
	char *shown = account_shown(m->a->m, path);

	if (m->a->why.n < 64)
		strv_push(&m->a->why, mem_printf("'%s' %s", shown, what));
	free(shown);
}

static void
refuse_draft(struct merge *m, const char *path)
{
	add_why(m, path,
		errno == EFBIG ? "is larger than a draft can be"
			       : "is no file that could be kept as a draft");
}

static struct account_entry *
add_held(struct merge *m, const char *path, const struct draft *draft)
{
	struct account_entry *e =
	    account_add(m->a, path, CHANGE_HELD, ACCOUNT_HELD, draft->by);

	e->tell = 1;
	return e;
}

static int
same_bytes(const char *a, size_t n, const char *b, size_t k)
{
	return a && b ? n == k && memcmp(a, b, n) == 0 : a == b;
}

/* An error of ours is no reason to lose the run's account. */
static void
note_failure(struct merge *m, const char *path, int result)
{
	if (result < 0) {
		char *what = mem_printf("cannot be kept as a draft: %s",
					strerror(errno));

		add_why(m, path, what);
		free(what);
	}
}

/* A repository's branches, and what its index links to. */
static int
has_branch(void *arg, const char *name)
{
	const struct manifest *m = arg;
	int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), found = 1;
	char *ref, *packed, *text;
	struct stat st;
	size_t n;

	if (!m->common)
		return 1;
	ref = mem_printf("%s/refs/heads/%s", m->common + 1, name);
	packed = mem_printf("%s/packed-refs", m->common + 1);
	text = beneath_read(host, packed, INDEX_MAX, &n, NULL);
	if (fstatat(host, ref, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		char *line = mem_printf(" refs/heads/%s\n", name);

		found = text && strstr(text, line) != NULL;
		free(line);
	}
	free(ref);
	free(packed);
	free(text);
	close(host);
	return found;
}

struct wanted {
	const char *path;
	int found;
};

static void
on_entry(void *arg, const struct gitindex_entry *e)
{
	struct wanted *w = arg;

	w->found |= (e->mode & GITINDEX_TYPE) == GITINDEX_LINK &&
		    strcmp(e->path, w->path) == 0;
}

static int
has_submodule(void *arg, const char *name)
{
	const struct manifest *m = arg;
	struct wanted w = {name, 0};
	int host = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t n;
	char *text = m->index
			 ? beneath_read(host, m->index + 1, INDEX_MAX, &n, NULL)
			 : NULL;

	if (text &&
	    gitindex_each((uint8_t *)text, n, on_entry, &w) != GITINDEX_OK)
		w.found = 0;
	free(text);
	close(host);
	return w.found;
}

/*
 * Replaces a file of the host, as its own writers do: git's under its lock,
 * which somebody else may have.  0, or -1 with errno.
 */
static int
write_host(struct merge *m, const struct draft *draft, const char *text,
	   mode_t mode)
{
	const char *name;
	int dir = beneath_parent(m->d.host, draft->path + 1, &name);
	int locked = draft->merge == MERGE_GITCONFIG, fd, bad, saved;
	char *lock = mem_printf("%s.lock", strrchr(draft->path, '/') + 1);

	if (dir < 0)
		return -1;
	fd = locked
		 ? openat(dir, lock,
			  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  0600)
		 : -1;
	bad = (locked && fd < 0) ||
	      beneath_write(dir, name, text, strlen(text), mode) < 0;
	saved = errno;
	if (fd >= 0) {
		unlinkat(dir, lock, 0);
		close(fd);
	}
	close(dir);
	free(lock);
	errno = saved;
	return bad ? -1 : 0;
}

static int
merge_keys(struct keymerge *k, const struct merge *m, const struct draft *draft,
	   const char *base, const char *now, const char *text)
{
	const struct keymerge_git git = {has_branch, has_submodule,
					 (void *)(size_t)m->a->m};

	return draft->merge == MERGE_GITCONFIG
		   ? keymerge_git(k, base, now, text, &git)
		   : keymerge_json(k, base, now, text, draft->rules);
}

/* Whether the same was held before this run. */
static int
was_held(const struct keymerge *before, const struct keymerge_held *held)
{
	for (size_t i = 0; i < before->n; i++)
		if (strcmp(before->held[i].key, held->key) == 0)
			return same_bytes(
			    before->held[i].value,
			    before->held[i].value
				? strlen(before->held[i].value)
				: 0,
			    held->value, held->value ? strlen(held->value) : 0);
	return 0;
}

/* Adds the keys that are held, and to own those that are an agent's own. */
static void
add_keys(struct merge *m, const struct draft *draft, struct keymerge *k,
	 const struct keymerge *before, struct strv *own)
{
	for (size_t i = 0; i < k->n; i++) {
		struct keymerge_held *h = &k->held[i];
		struct account_entry *e = add_held(m, draft->path, draft);

		e->key = mem_copy(h->key);
		e->tell = !h->quiet && !was_held(before, h);
		if (h->quiet)
			strv_push(own, h->key);
		if (h->old && strlen(h->old) <= OLD_MAX)
			e->old = mem_copy(h->old);
	}
}

/* What an agent brings along and writes itself, of each version of its own. */
static int
is_own(const char *path)
{
	return strstr(path, "/skills/.system/") ||
	       strstr(path, "/.gemini/pen/trustedFolders.json");
}

/* A draft whose text is known: held whole. */
static void
hold_whole(struct merge *m, const struct draft *draft, const char *text,
	   size_t n, mode_t mode, int quiet)
{
	const struct draft_note note = {
	    draft->by,	    "none",
	    draft->tracked, quiet || is_own(draft->path),
	    NULL,	    m->a->m->run};

	note_failure(m, draft->path,
		     drafts_write(&m->d, draft->path, text, n, mode));
	draft_note_set(&m->d, draft->path, &note);
	add_held(m, draft->path, draft)->tell = !note.quiet;
}

/* What the host and the drafts have of a file, and the run's own. */
struct texts {
	char *run, *old, *host, *base;
	size_t run_n, old_n, host_n;
	int raced;   /* another run wrote the draft since: old is before that */
	mode_t mode; /* of the host's, or of the run's */
	mode_t run_mode; /* of the run's */
};

/* 0 if the file was decided by key, -1 if it is one thing. */
static int
merge_by_key(struct merge *m, const struct draft *draft, struct texts *t)
{
	const char *now = t->host ? t->host : "", *base = t->base;
	struct keymerge k, before = {0};
	struct strv own = {0};
	struct draft_note note = {
	    draft->by,
	    draft->merge == MERGE_JSON ? draft->rules : "gitconfig",
	    draft->tracked,
	    0,
	    NULL,
	    m->a->m->run};

	if (strlen(t->run) != t->run_n || strlen(now) != t->host_n ||
	    merge_keys(&k, m, draft, base, now, t->run) < 0)
		return -1;
	if (strcmp(k.host, now) != 0 &&
	    write_host(m, draft, k.host, t->mode) < 0) {
		add_why(m, draft->path, "could not be written");
		keymerge_free(&k);
		return -1;
	}
	if (t->old && merge_keys(&before, m, draft, base, now, t->old) < 0)
		before = (struct keymerge){0};
	add_keys(m, draft, &k, &before, &own);
	note.own = &own;
	note.quiet = own.n == k.n;
	if (k.draft) {
		note_failure(m, draft->path,
			     drafts_write(&m->d, draft->path, k.draft,
					  strlen(k.draft), t->mode));
		note_failure(m, draft->path,
			     drafts_keep_host(&m->d, draft->path, k.host));
		draft_note_set(&m->d, draft->path, &note);
	} else {
		note_failure(m, draft->path, drafts_remove(&m->d, draft->path));
	}
	free(own.v);
	keymerge_free(&before);
	keymerge_free(&k);
	return 0;
}

static void
free_texts(struct texts *t)
{
	free(t->run);
	free(t->old);
	free(t->host);
	free(t->base);
}

/* The run's file name in dir against what there was. */
static int
read_texts(struct merge *m, const struct draft *draft, int dir,
	   const char *name, struct texts *t)
{
	struct stat st, host;
	size_t n;

	*t = (struct texts){0};
	t->run = beneath_read(dir, name, DRAFT_MAX, &t->run_n, &st);
	if (t->run && t->run_n > m->room) {
		free(t->run);
		t->run = NULL;
		errno = EFBIG;
	}
	if (!t->run)
		return -1;
	m->room -= t->run_n;
	t->raced = m->a->m->nmarks > 0 &&
		   draft_note_is_newer(&m->d, draft->path, m->a->m->run,
				       &m->a->m->marks[0].time);
	t->old = drafts_read(&m->d, t->raced ? "before" : "tree", draft->path,
			     &t->old_n);
	if (t->raced && t->old && t->old_n == 0) {
		free(t->old); /* there was none */
		t->old = NULL;
	}
	t->host = beneath_read(m->d.host, draft->path + 1, DRAFT_MAX,
			       &t->host_n, &host);
	t->base = drafts_read(&m->d, "host", draft->path, &n);
	if (!t->base)
		t->base = mem_copy(draft->base ? draft->base
				   : t->host   ? t->host
					       : "");
	t->run_mode = st.st_mode;
	t->mode = t->host ? host.st_mode : st.st_mode;
	return 0;
}

/*
 * Whether the host's file is what HEAD had there at the start, and no change of
 * the user's is lost with it; or there is none and that is right as well.
 */
static int
was_tracked(const struct merge *m, const char *path, int or_none)
{
	struct stat st;
	size_t n;
	char *text = beneath_read(m->d.host, path + 1, DRAFT_MAX, &n, &st);
	int same;

	if (text) {
		same = history_had(m->history, path, text, n, st.st_mode);
	} else if (errno == ENOENT) {
		same = or_none;
	} else {
		text = beneath_readlink(m->d.host, path + 1);
		same = text && history_had(m->history, path, text, strlen(text),
					   S_IFLNK);
	}
	free(text);
	return same;
}

/*
 * Puts what a branch of the host's has in its place: n bytes, a link's text, or
 * with NULL nothing.  0, or -1 where it is none of a branch's, or cannot be.
 */
static int
switch_branch(struct merge *m, const char *path, const char *text, size_t n,
	      mode_t mode)
{
	const char *name = strrchr(path, '/') + 1;
	mode_t mask = umask(077), x = mode & 0100 ? 0111 : 0;
	char *above;
	int dir, bad;

	umask(mask);
	if (!history_has(m->history, path, text, n, mode) ||
	    !was_tracked(m, path, text != NULL))
		return -1;
	above = mem_part(path + 1, (size_t)(name - path - 1));
	dir = beneath_make(m->d.host, above, 0777);
	free(above);
	if (dir < 0)
		return -1;
	if (!text)
		bad = unlinkat(dir, name, 0) < 0 && errno != ENOENT;
	else if (S_ISLNK(mode))
		bad = beneath_remove(dir, name) < 0 ||
		      symlinkat(text, dir, name) < 0;
	else
		bad = beneath_write(dir, name, text, n, (0666 | x) & ~mask) < 0;
	close(dir);
	if (!bad)
		note_failure(m, path, drafts_remove(&m->d, path));
	if (!bad && !text)
		strv_push(&m->emptied, mem_copy(path));
	return bad ? -1 : 0;
}

/* The directories on the way to path that are empty, as git removes them. */
static void
remove_empty(const struct merge *m, char *path)
{
	char *slash;

	while ((slash = strrchr(path, '/')) && slash > path) {
		const char *below, *name;
		char *at;
		struct stat st;
		int dir, bad;

		*slash = '\0';
		below = manifest_below(m->a->m->git_root, path);
		at = mem_printf("draft/tree%s", path);
		bad = !below || !*below ||
		      fstatat(m->d.state, at, &st, AT_SYMLINK_NOFOLLOW) == 0;
		free(at);
		if (bad)
			return;
		dir = beneath_parent(m->d.host, path + 1, &name);
		bad = dir < 0 || unlinkat(dir, name, AT_REMOVEDIR) < 0;
		if (dir >= 0)
			close(dir);
		if (bad)
			return;
	}
}

static void remove_others(struct merge *m, const struct draft *above, int dir,
			  int fd);

static void
take_removed(struct merge *m, const struct draft *draft)
{
	struct stat st;
	const struct draft_note note = {draft->by, "none", draft->tracked,
					0,	   NULL,   m->a->m->run};

	note_failure(m, draft->path, drafts_remove(&m->d, draft->path));
	if (fstatat(m->d.host, draft->path + 1, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		remove_others(m, draft,
			      beneath_open(m->d.host, draft->path + 1,
					   O_RDONLY | O_DIRECTORY),
			      -1);
		unlinkat(m->d.host, draft->path + 1, AT_REMOVEDIR);
		return;
	}
	if (switch_branch(m, draft->path, NULL, 0, 0) == 0)
		return;
	note_failure(m, draft->path, drafts_put(&m->d, draft->path, NULL));
	draft_note_set(&m->d, draft->path, &note);
	add_held(m, draft->path, draft)->note = mem_copy("removed");
}

/* Whether the run left its copy as it began. */
static int
is_unchanged(const struct draft *draft, const struct texts *t)
{
	char sha[2 * SHA256_SIZE + 1];

	if (draft->start) {
		sha256_text(t->run, t->run_n, sha);
		return strcmp(sha, draft->start) == 0;
	}
	if (t->old)
		return same_bytes(t->run, t->run_n, t->old, t->old_n) &&
		       !(t->host &&
			 same_bytes(t->run, t->run_n, t->host, t->host_n));
	if (draft->base)
		return strlen(draft->base) == t->run_n &&
		       memcmp(draft->base, t->run, t->run_n) == 0;
	return t->host ? same_bytes(t->run, t->run_n, t->host, t->host_n)
		       : t->run_n == 0;
}

/*
 * Two runs at once made something of one draft.  Keys of both are kept; of a
 * file that is one thing the later is in effect and the other is set aside.
 */
static void
join_others(struct merge *m, const struct draft *draft, struct texts *t)
{
	const char *then = t->old ? t->old : t->base;
	size_t n;
	char *now = drafts_read(&m->d, "tree", draft->path, &n);
	char *joined = NULL, *shown;

	if (!now)
		return;
	if (draft->merge == MERGE_GITCONFIG)
		joined = keymerge_join_git(then, now, t->run);
	else if (draft->merge == MERGE_JSON)
		joined = keymerge_join_json(then, now, t->run);
	if (joined) {
		free(t->run);
		t->run = joined;
		t->run_n = strlen(joined);
	} else if (!same_bytes(now, n, t->run, t->run_n)) {
		note_failure(
		    m, draft->path,
		    drafts_set_aside(&m->d, draft->path, m->a->m->run));
		shown = account_shown(m->a->m, draft->path);
		strv_push(&m->a->why,
			  mem_printf("another run changed '%s' meanwhile: "
				     "pen-review has both versions",
				     shown));
		free(shown);
	}
	free(now);
}

/* What the host gets of a file that is held all the same.  0, or -1: nothing,
 * of what it should. */
static int
merge_toml(struct merge *m, const struct draft *draft, struct texts *t)
{
	const char *now = t->host ? t->host : "";
	char *host;

	if (strlen(t->run) != t->run_n || strlen(now) != t->host_n)
		return -1;
	/* an older run's choice is not this one's */
	host = keymerge_toml(t->old ? t->old : t->base, now, t->run);
	if (!host)
		return -1;
	if (strcmp(host, now) != 0 && write_host(m, draft, host, t->mode) < 0)
		add_why(m, draft->path, "could not be written");
	free(host);
	return 0;
}

/* The file of a draft: its own directory in the layer has nothing else. */
static void
merge_file(struct merge *m, const struct draft *draft, int dir,
	   const char *name)
{
	struct texts t;
	int quiet;

	if (read_texts(m, draft, dir, name, &t) < 0) {
		if (errno == ENOENT)
			take_removed(m, draft);
		else
			refuse_draft(m, draft->path);
		return;
	}
	if (is_unchanged(draft, &t)) {
		; /* as it was */
	} else if (!t.raced && t.host &&
		   same_bytes(t.run, t.run_n, t.host, t.host_n)) {
		note_failure(m, draft->path, drafts_remove(&m->d, draft->path));
	} else if (switch_branch(m, draft->path, t.run, t.run_n, t.run_mode) <
		   0) {
		if (t.raced)
			join_others(m, draft, &t);
		quiet = draft->merge == MERGE_TOML &&
			merge_toml(m, draft, &t) == 0 &&
			keymerge_toml_is_quiet(t.base, t.run);
		if (draft->merge == MERGE_NONE || draft->merge == MERGE_TOML ||
		    merge_by_key(m, draft, &t) < 0)
			hold_whole(m, draft, t.run, t.run_n, t.mode, quiet);
	}
	free_texts(&t);
}

static void merge_below(struct merge *m, const struct draft *draft, int fd,
			int depth, int whole);

/* Removes what the directory, of the host or of the drafts, has besides fd. */
static void
remove_others(struct merge *m, const struct draft *above, int dir, int fd)
{
	DIR *d = dir < 0 ? NULL : fdopendir(dir);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d)) && m->files++ < FILES_MAX) {
		struct draft draft = *above;
		char *path;

		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0 ||
		    fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		path = mem_printf("%s/%s", above->path, e->d_name);
		draft.path = path;
		take_removed(m, &draft);
		free(path);
	}
	if (d)
		closedir(d);
}

/* What is missing in a directory that is whole was removed. */
static void
remove_missing(struct merge *m, const struct draft *draft, int fd)
{
	char *at = mem_printf("draft/tree%s", draft->path);

	remove_others(m, draft,
		      beneath_open(m->d.state, at, O_RDONLY | O_DIRECTORY), fd);
	remove_others(
	    m, draft,
	    beneath_open(m->d.host, draft->path + 1, O_RDONLY | O_DIRECTORY),
	    fd);
	free(at);
}

static void
take_directory(struct merge *m, const struct draft *draft, int dir,
	       const char *name, int depth, int whole)
{
	int fd = beneath_open(dir, name, O_RDONLY | O_DIRECTORY);

	/* one that the run made anew has nothing of the host's */
	whole |= upper_is_opaque(dir, name);
	if (fd < 0)
		add_why(m, draft->path, "cannot be read");
	else
		merge_below(m, draft, fd, depth, whole);
}

static void
take_link(struct merge *m, const struct draft *draft, int dir, const char *name)
{
	char *link = beneath_readlink(dir, name);
	char *host = beneath_readlink(m->d.host, draft->path + 1);
	char *at = mem_printf("draft/tree%s", draft->path);
	char *old = beneath_readlink(m->d.state, at);
	const struct draft_note note = {draft->by, "none", draft->tracked,
					0,	   NULL,   m->a->m->run};

	if (link && host && strcmp(link, host) == 0) {
		note_failure(m, draft->path, drafts_remove(&m->d, draft->path));
	} else if (link && !(old && strcmp(link, old) == 0) &&
		   switch_branch(m, draft->path, link, strlen(link), S_IFLNK) <
		       0) {
		note_failure(m, draft->path,
			     drafts_put(&m->d, draft->path, link));
		draft_note_set(&m->d, draft->path, &note);
		add_held(m, draft->path, draft)->note =
		    mem_printf("a symbolic link to %s", link);
	}
	free(link);
	free(host);
	free(at);
	free(old);
}

static int
is_same_draft(const struct merge *m, const struct draft *draft,
	      const struct texts *t, mode_t mode)
{
	char *at = mem_printf("draft/tree%s", draft->path);
	struct stat st;
	int same = t->old && same_bytes(t->run, t->run_n, t->old, t->old_n) &&
		   fstatat(m->d.state, at, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		   (st.st_mode & 0777) == mode;

	free(at);
	return same;
}

/* A file in the upper directory of an overlay. */
static void
take_regular(struct merge *m, const struct draft *draft, int dir,
	     const char *name, const struct stat *st)
{
	struct stat host;
	struct texts t;
	mode_t mode = st->st_mode & 0777;

	if (read_texts(m, draft, dir, name, &t) < 0) {
		refuse_draft(m, draft->path);
		return;
	}
	if (t.host && same_bytes(t.run, t.run_n, t.host, t.host_n) &&
	    fstatat(m->d.host, draft->path + 1, &host, AT_SYMLINK_NOFOLLOW) ==
		0 &&
	    ((host.st_mode ^ mode) & 0111) == 0)
		note_failure(m, draft->path, drafts_remove(&m->d, draft->path));
	else if (!is_same_draft(m, draft, &t, mode) &&
		 switch_branch(m, draft->path, t.run, t.run_n, t.run_mode) <
		     0) {
		if (t.raced)
			join_others(m, draft, &t);
		hold_whole(m, draft, t.run, t.run_n, mode, 0);
	}
	free_texts(&t);
}

/* What git makes of its branches, and no client of its own reads. */
static int
is_derived(const struct draft *draft)
{
	const char *slash = strrchr(draft->path, '/');

	return strcmp(draft->by, "git") == 0 && slash - draft->path > 5 &&
	       strncmp(slash - 5, "/info/refs", 10) == 0;
}

static void
take_name(struct merge *m, const struct draft *above, int dir, const char *name,
	  int depth, int whole)
{
	char *path = mem_printf("%s/%s", above->path, name);
	struct draft draft = *above;
	struct stat st;

	draft.path = path;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		;
	else if (m->files++ == FILES_MAX)
		add_why(m, path, "and more are too many drafts");
	else if (m->files > FILES_MAX)
		;
	else if (is_derived(&draft))
		;
	else if (upper_is_whiteout(dir, name, &st))
		take_removed(m, &draft);
	else if (S_ISREG(st.st_mode))
		take_regular(m, &draft, dir, name, &st);
	else if (S_ISLNK(st.st_mode))
		take_link(m, &draft, dir, name);
	else if (S_ISDIR(st.st_mode) && depth > 0)
		take_directory(m, &draft, dir, name, depth - 1, whole);
	else
		add_why(m, path, "is no file that could be kept as a draft");
	free(path);
}

/* All that is in the directory fd, which is closed. */
static void
merge_below(struct merge *m, const struct draft *draft, int fd, int depth,
	    int whole)
{
	DIR *d;
	struct dirent *e;

	if (whole)
		remove_missing(m, draft, fd);
	d = fdopendir(fd);
	if (!d) {
		close(fd);
		return;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			take_name(m, draft, dirfd(d), e->d_name, depth, whole);
	closedir(d);
}

/*
 * Where there is no overlayfs, "tN/whole" says that what is in tN/up is all of
 * a tree, and not what was changed.
 */
static int
is_whole(int layer, const char *path)
{
	char *mark = mem_printf("%.*s/whole", (int)strcspn(path, "/"), path);
	struct stat st;
	int found = fstatat(layer, mark, &st, AT_SYMLINK_NOFOLLOW) == 0;

	free(mark);
	return found;
}

/*
 * A copy that is not in the upper directory was not changed; a link's file was
 * there at the start.
 */
static void
merge_draft(struct merge *m, int layer, const struct draft *draft)
{
	int whole = is_whole(layer, draft->layer), fd;
	const char *name;

	if (draft->kind == DRAFT_DIR) {
		fd = beneath_open(layer, draft->layer, O_RDONLY | O_DIRECTORY);
		if (fd >= 0)
			merge_below(m, draft, fd, DEPTH_MAX, whole);
		else if (errno != ENOENT)
			add_why(m, draft->path,
				"has a draft that cannot be read");
		return;
	}
	fd = beneath_parent(layer, draft->layer, &name);
	if (fd < 0 && errno == ENOENT && draft->kind == DRAFT_COPY)
		return;
	if (fd < 0) {
		add_why(m, draft->path, "has a draft that cannot be read");
		return;
	}
	if (draft->kind == DRAFT_LINK || whole ||
	    faccessat(fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		merge_file(m, draft, fd, name);
	close(fd);
}

void
merge_layer(struct account *a, const struct history *history, int layer,
	    int state)
{
	struct merge m = {.a = a, .history = history};
	struct statfs fs;

	if (drafts_open(&m.d, state) < 0 || fstatfs(layer, &fs) < 0)
		die(ERR_TOOL, "cannot open the drafts: %m");
	/* files with holes, or with several names, have more than it has */
	m.room = (unsigned long long)fs.f_blocks * (unsigned long)fs.f_bsize;
	for (size_t i = 0; i < a->m->ndrafts; i++)
		merge_draft(&m, layer, &a->m->drafts[i]);
	for (size_t i = 0; i < m.emptied.n; i++)
		remove_empty(&m, m.emptied.v[i]);
	if (drafts_close(&m.d) < 0)
		die_hint("free space there; what the run changed of them is "
			 "lost",
			 "cannot write the drafts in '%s': %m",
			 a->m->state_dir);
}
