#include "pen-review/restore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/num.h"
#include "pen-review/host.h"
#include "pen-review/place.h"

#define JOURNAL "journal"
#define JOURNAL_MAX ((size_t)1 << 30)
#define BLOCK 65536

void
restore_begin(struct restore *r, const struct project *p)
{
	*r = (struct restore){.p = p, .dir = -1, .journal = -1};
}

static int
start(struct restore *r)
{
	if (r->journal >= 0)
		return 0;
	r->dir = place_make(r->p);
	if (r->dir >= 0)
		r->journal = openat(r->dir, JOURNAL,
				    O_WRONLY | O_CREAT | O_EXCL | O_APPEND |
					O_NOFOLLOW | O_CLOEXEC,
				    0600);
	return r->journal < 0 ? -1 : 0;
}

/* A step: four fields, each ended by NUL. */
static int
note(struct restore *r, const char *step, const char *a, const char *b)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	int bad;

	if (!f)
		die(ERR_TOOL, "out of memory");
	fprintf(f, "%s%c%u%c%s%c%s%c", step, 0, r->n, 0, a, 0, b, 0);
	if (fclose(f) != 0)
		die(ERR_TOOL, "out of memory");
	bad = fd_write_all(r->journal, text, n) < 0;
	free(text);
	if (bad)
		return -1;
	/* the first step forgets what was kept or applied before */
	if (!r->placed && place_take(r->p) < 0)
		return -1;
	r->placed = 1;
	return 0;
}

static int
copy_bytes(int from, int to)
{
	char *block = mem_alloc(BLOCK);
	ssize_t n;

	while ((n = read(from, block, BLOCK)) > 0)
		if (fd_write_all(to, block, (size_t)n) < 0)
			n = -1;
	free(block);
	return n < 0 ? -1 : 0;
}

static int
copy_file(int from, const char *name, int to, const char *temp, mode_t mode)
{
	int in = beneath_open(from, name, O_RDONLY), out, bad, saved;
	struct stat st;

	if (in < 0)
		return -1;
	out =
	    openat(to, temp,
		   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bad = out < 0 || fstat(in, &st) < 0;
	if (!bad && !S_ISREG(st.st_mode)) {
		bad = 1;
		errno = EINVAL;
	}
	bad = bad || copy_bytes(in, out) < 0 || fchmod(out, mode & 0777) < 0;
	saved = errno;
	close(in);
	if (out >= 0 && close(out) < 0 && !bad) {
		bad = 1;
		saved = errno;
	}
	errno = saved;
	return bad ? -1 : 0;
}

int
restore_copy(int from, const char *name, int to, const char *as, mode_t mode)
{
	char temp[32], *link;
	struct stat st;
	int bad, saved;

	snprintf(temp, sizeof(temp), ".pen-%d", (int)getpid());
	unlinkat(to, temp, 0);
	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (S_ISLNK(st.st_mode)) {
		link = beneath_readlink(from, name);
		bad = !link || symlinkat(link, to, temp) < 0;
		free(link);
	} else {
		bad = copy_file(from, name, to, temp, mode) < 0;
	}
	bad = bad || renameat(to, temp, to, as) < 0;
	saved = errno;
	if (bad)
		unlinkat(to, temp, 0);
	errno = saved;
	return bad ? -1 : 0;
}

/*
 * Copies the host's file; one that is to go only gets another name, where that
 * is on the same file system.
 */
static int
copy_host(const struct restore *r, const char *path, const struct stat *st,
	  int goes)
{
	const char *name;
	char kept[16];
	int dir = beneath_parent(r->p->host, path + 1, &name), bad;

	if (dir < 0)
		return -1;
	snprintf(kept, sizeof(kept), "%u", r->n);
	bad = (!goes || linkat(dir, name, r->dir, kept, 0) < 0) &&
	      restore_copy(dir, name, r->dir, kept, st->st_mode) < 0;
	close(dir);
	return bad ? -1 : 0;
}

/* What is put back is what h was made from, by other numbers. */
static int
note_base(struct restore *r, const struct overlay *o, const struct held *h)
{
	char *key = mem_printf("t%zu/%s", h->tree, h->below);
	int bad = !h->conflict && note(r, "base", o->name, key) < 0;

	free(key);
	return bad ? -1 : 0;
}

int
restore_save(struct restore *r, const struct overlay *o, const struct held *h)
{
	struct stat st;
	char mode[16];

	if (start(r) < 0)
		return -1;
	r->n++;
	if (host_stat(r->p, h->path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR
			   ? note(r, "new", h->path, "")
			   : -1;
	snprintf(mode, sizeof(mode), "%o", (unsigned)st.st_mode & 0777);
	if (S_ISDIR(st.st_mode))
		return note(r, "dir", h->path, mode);
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	if (copy_host(r, h->path, &st, h->kind == UPPER_REMOVED) < 0 ||
	    note(r, "old", h->path, mode) < 0)
		return -1;
	return note_base(r, o, h);
}

/* What the host has at path, in a word. */
static char *
fingerprint(const struct project *p, const char *path)
{
	struct stat st;

	if (host_stat(p, path, &st) < 0)
		return mem_copy("none");
	if (S_ISDIR(st.st_mode))
		return mem_copy("directory");
	return mem_printf("%llu %lld %lld.%09ld %lld.%09ld",
			  (unsigned long long)st.st_ino, (long long)st.st_size,
			  (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
			  (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

/* What is missing on the way to path, from the outermost directory. */
int
restore_make(struct restore *r, const char *path)
{
	struct stat st;
	int fd;

	for (const char *at = path; (at = strchr(at + 1, '/'));) {
		char *dir = mem_part(path, (size_t)(at - path));

		if (host_stat(r->p, dir, &st) == 0) {
			free(dir);
			continue;
		}
		r->n++;
		fd = errno == ENOENT && start(r) == 0 &&
			     note(r, "way", dir, "") == 0
			 ? beneath_make(r->p->host, dir + 1, 0777)
			 : -1;
		free(dir);
		if (fd < 0)
			return -1;
		close(fd);
	}
	return 0;
}

static int
is_opaque(int dir, const char *rel)
{
	const char *name;
	int fd = beneath_parent(dir, rel, &name);
	int opaque = fd >= 0 && upper_is_opaque(fd, name);

	if (fd >= 0)
		close(fd);
	return opaque;
}

int
restore_take_out(struct restore *r, const struct overlay *o,
		 const struct held *h, int whole)
{
	const char *name;
	int dir = whole ? beneath_parent(o->dir, h->rel, &name) : -1, bad = 0;
	char *now = fingerprint(r->p, h->path), kept[32], *rel;
	struct stat st;

	rel = mem_printf("overlay/%s/%s", o->name, h->rel);
	snprintf(kept, sizeof(kept), "%u-up", r->n);
	/*
	 * what is below a removed directory has no name of its own there, and
	 * what took another's place is there still
	 */
	if (dir >= 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISDIR(st.st_mode) &&
	    (h->kind != UPPER_REMOVED || upper_is_whiteout(dir, name, &st)))
		bad = note(r, "up", rel, "") < 0 ||
		      renameat(dir, name, r->dir, kept) < 0;
	bad |= note(r, "now", now, "") < 0;
	if (dir >= 0)
		close(dir);
	free(rel);
	free(now);
	return bad ? -1 : 0;
}

/* A name of the host's, hidden so far by the directory rel that up is. */
static int
hide_name(struct restore *r, const struct overlay *o, int up, int low,
	  const char *rel, const char *name)
{
	char *full = mem_printf("overlay/%s/%s/%s", o->name, rel, name);
	struct stat st, host;
	int fd = -1, bad = 0;

	if (fstatat(up, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		bad = note(r, "white", full, "") < 0 ||
		      mknodat(up, name, S_IFCHR, makedev(0, 0)) < 0;
	} else if (S_ISDIR(st.st_mode) &&
		   fstatat(low, name, &host, AT_SYMLINK_NOFOLLOW) == 0 &&
		   S_ISDIR(host.st_mode)) {
		fd = beneath_open(up, name, O_RDONLY | O_DIRECTORY);
		bad = fd < 0 ||
		      fsetxattr(fd, "user.overlay.opaque", "y", 1, 0) < 0;
	}
	if (fd >= 0)
		close(fd);
	free(full);
	return bad ? -1 : 0;
}

/* What hid all of the host's directory hides each name by itself. */
static int
split_opaque(struct restore *r, const struct overlay *o, int up, int low,
	     const char *rel)
{
	int fd = beneath_open(low, "", O_RDONLY | O_DIRECTORY), bad = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	char *full = mem_printf("overlay/%s/%s", o->name, rel);
	struct dirent *e;

	r->n++;
	while (d && !bad && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			bad = hide_name(r, o, up, low, rel, e->d_name) < 0;
	bad = bad || !d || note(r, "opaque", full, "") < 0 ||
	      fremovexattr(up, "user.overlay.opaque") < 0;
	if (d)
		closedir(d);
	free(full);
	return bad ? -1 : 0;
}

/* A directory that hides all of the host's, instead of its removal. */
static int
replace_whiteout(struct restore *r, const struct overlay *o, int above,
		 const char *name, const char *rel, const struct stat *host)
{
	char *full = mem_printf("overlay/%s/%s", o->name, rel), kept[32];
	int fd = -1, bad;

	snprintf(kept, sizeof(kept), "%u-up", ++r->n);
	bad = note(r, "up", full, "") < 0 ||
	      renameat(above, name, r->dir, kept) < 0 ||
	      note(r, "made", full, "") < 0 || mkdirat(above, name, 0700) < 0;
	if (!bad)
		fd = beneath_open(above, name, O_RDONLY | O_DIRECTORY);
	bad = fd < 0 || fsetxattr(fd, "user.overlay.opaque", "y", 1, 0) < 0 ||
	      fchmod(fd, host->st_mode & 0777) < 0;
	if (fd >= 0)
		close(fd);
	free(full);
	return bad ? -1 : 0;
}

/*
 * Makes what hides the host's directory rel hide its names one by one.  1,
 * with the directories opened in up's and low's place; 0 where nothing hides
 * it; -1 with errno.
 */
static int
split_directory(struct restore *r, const struct overlay *o, int *up, int *low,
		const char *name, const char *rel)
{
	int own, host = beneath_open(*low, name, O_RDONLY | O_DIRECTORY);
	struct stat st, is;

	if (host < 0 || fstat(host, &is) < 0 ||
	    fstatat(*up, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		own = -1;
	else if (upper_is_whiteout(*up, name, &st) &&
		 replace_whiteout(r, o, *up, name, rel, &is) < 0)
		own = -2;
	else
		own = beneath_open(*up, name, O_RDONLY | O_DIRECTORY);
	if (own >= 0 && upper_is_opaque(*up, name) &&
	    split_opaque(r, o, own, host, rel) < 0) {
		close(own);
		own = -2;
	}
	close(*up);
	close(*low);
	*up = own;
	*low = host;
	return own >= 0 ? 1 : own + 1;
}

/* Lets the removal h have a name of its own. */
static int
split_above(struct restore *r, const struct overlay *o, const struct held *h)
{
	char *root = mem_part(h->rel, (size_t)(h->below - h->rel));
	int up = beneath_open(o->dir, root, O_RDONLY | O_DIRECTORY);
	int low = beneath_open(r->p->host, o->roots.v[h->tree] + 1,
			       O_RDONLY | O_DIRECTORY);
	int more = up >= 0 && low >= 0 ? 1 : 0;
	const char *slash;

	for (const char *at = h->below; more > 0 && (slash = strchr(at, '/'));
	     at = slash + 1) {
		char *name = mem_part(at, (size_t)(slash - at));
		char *rel = mem_part(h->rel, (size_t)(slash - h->rel));

		more = split_directory(r, o, &up, &low, name, rel);
		free(name);
		free(rel);
	}
	if (up >= 0)
		close(up);
	if (low >= 0)
		close(low);
	free(root);
	return more < 0 ? -1 : 0;
}

/* What is in a removed directory has a name only if that one is split. */
int
restore_drop(struct restore *r, const struct overlay *o, const struct held *h)
{
	const char *name;
	char kept[32], *rel = mem_printf("overlay/%s/%s", o->name, h->rel);
	int removed = h->kind == UPPER_REMOVED, dir = -1, bad;
	struct stat st;

	bad = start(r) < 0 || (removed && split_above(r, o, h) < 0);
	if (!bad)
		dir = beneath_parent(o->dir, h->rel, &name);
	if (dir >= 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !(removed && S_ISDIR(h->st.st_mode) && S_ISDIR(st.st_mode))) {
		snprintf(kept, sizeof(kept), "%u-up", ++r->n);
		bad = note(r, "up", rel, "") < 0 ||
		      renameat(dir, name, r->dir, kept) < 0;
	}
	if (dir >= 0)
		close(dir);
	free(rel);
	return bad ? -1 : 0;
}

void
restore_take_directory(struct restore *r, const struct overlay *o,
		       const char *rel)
{
	const char *name;
	int dir = beneath_parent(o->dir, rel, &name);
	char *full = mem_printf("overlay/%s/%s", o->name, rel);

	r->n++;
	if (dir >= 0 &&
	    note(r, is_opaque(o->dir, rel) ? "opaque" : "plain", full, "") == 0)
		unlinkat(dir, name, AT_REMOVEDIR);
	if (dir >= 0)
		close(dir);
	free(full);
}

struct step {
	const char *what, *a, *b;
	unsigned n;
};

static int
parse(const char *text, size_t n, struct step **v, size_t *count)
{
	const char *end = text + n, *field[4];
	unsigned long number;

	*v = NULL;
	*count = 0;
	while (text < end) {
		for (int i = 0; i < 4; i++) {
			field[i] = text;
			text = memchr(text, '\0', (size_t)(end - text));
			/* the last one was broken off */
			if (!text)
				return 0;
			text++;
			if (text == end && i < 3)
				return 0;
		}
		if (num_parse(field[1], 10, 1UL << 31, &number) < 0)
			return -1;
		*v = mem_room(*v, *count, sizeof(**v));
		(*v)[(*count)++] = (struct step){field[0], field[2], field[3],
						 (unsigned)number};
	}
	return 0;
}

struct undoing {
	const struct project *p;
	int dir;
	unsigned skip; /* the file that stays as it is */
	int overlay;   /* the directory of the one that bases are of, or -1 */
	struct bases bases;
	const struct step *base; /* of the file that is put back */
	int bad;
	int git; /* git's data was changed since */
};

static void
put_up_back(struct undoing *u, const struct step *s)
{
	char kept[32],
	    *above = mem_part(s->a, (size_t)(strrchr(s->a, '/') - s->a));
	const char *name = strrchr(s->a, '/') + 1;
	int dir = beneath_make(u->p->state, above, 0700);

	snprintf(kept, sizeof(kept), "%u-up", s->n);
	/* what a later run left there is newer */
	if (dir < 0 ||
	    (renameat2(u->dir, kept, dir, name, RENAME_NOREPLACE) < 0 &&
	     errno != ENOENT)) {
		err_warn("'%s' is not put back into its overlay: %m", name);
		u->bad++;
	}
	if (dir >= 0)
		close(dir);
	free(above);
}

static void
put_directory_back(struct undoing *u, const struct step *s)
{
	int dir = beneath_make(u->p->state, s->a, 0755);

	if (dir < 0 || (strcmp(s->what, "opaque") == 0 &&
			fsetxattr(dir, "user.overlay.opaque", "y", 1, 0) < 0)) {
		err_warn("cannot put '%s' back: %m", s->a);
		u->bad++;
	}
	if (dir >= 0)
		close(dir);
}

/* It was made to drop one name of it: what is in it is gone again. */
static void
take_away(struct undoing *u, const struct step *s)
{
	const char *name;
	int dir = beneath_parent(u->p->state, s->a, &name);
	struct stat st;
	int bad = dir < 0;

	if (strcmp(s->what, "made") == 0)
		bad = bad || unlinkat(dir, name, AT_REMOVEDIR) < 0;
	else if (!bad && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		 upper_is_whiteout(dir, name, &st))
		bad = unlinkat(dir, name, 0) < 0;
	if (bad && errno != ENOENT) {
		err_warn("cannot remove '%s': %m", s->a);
		u->bad++;
	}
	if (dir >= 0)
		close(dir);
}

static int
put_file_back(const struct undoing *u, const struct step *s, mode_t mode)
{
	char *above =
	    mem_part(s->a + 1, (size_t)(strrchr(s->a, '/') - s->a - 1));
	int dir = beneath_make(u->p->host, above, 0777), bad, saved;
	char kept[16];

	snprintf(kept, sizeof(kept), "%u", s->n);
	bad = dir < 0 ||
	      restore_copy(u->dir, kept, dir, strrchr(s->a, '/') + 1, mode) < 0;
	saved = errno;
	if (dir >= 0)
		close(dir);
	free(above);
	errno = saved;
	return bad ? -1 : 0;
}

static int
remove_host(const struct project *p, const char *path)
{
	const char *name;
	int dir = beneath_parent(p->host, path + 1, &name), bad;

	if (dir < 0)
		return errno == ENOENT ? 0 : -1;
	bad = unlinkat(dir, name, 0) < 0 && errno != ENOENT &&
	      !(errno == EISDIR &&
		(unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOTEMPTY));
	close(dir);
	return bad ? -1 : 0;
}

/* One that was made on the way, if nothing else is in it, or in its place. */
static int
remove_way(const struct project *p, const char *path)
{
	const char *name;
	int dir = beneath_parent(p->host, path + 1, &name), bad;

	if (dir < 0)
		return errno == ENOENT ? 0 : -1;
	bad = unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT &&
	      errno != ENOTEMPTY && errno != ENOTDIR;
	close(dir);
	return bad ? -1 : 0;
}

/* The overlay's file was made from what is there again. */
static void
set_base(struct undoing *u, const struct step *s)
{
	struct stat st;
	char *dir;

	if (u->overlay < 0) {
		dir = mem_printf("overlay/%s", u->base->a);
		u->overlay =
		    beneath_open(u->p->state, dir, O_RDONLY | O_DIRECTORY);
		free(dir);
		if (u->overlay >= 0)
			overlay_read_bases(u->overlay, &u->bases);
	}
	if (host_stat(u->p, s->a, &st) == 0)
		bases_set(&u->bases, u->base->b, &st);
}

static void
put_host_back(struct undoing *u, const struct step *s)
{
	unsigned long mode = 0644;
	int dir, bad;

	if (*s->a != '/')
		return;
	num_parse(s->b, 8, 0777, &mode);
	if (strcmp(s->what, "new") == 0) {
		bad = remove_host(u->p, s->a) < 0;
	} else if (strcmp(s->what, "way") == 0) {
		bad = remove_way(u->p, s->a) < 0;
	} else if (strcmp(s->what, "dir") == 0) {
		dir = beneath_make(u->p->host, s->a + 1, 0777);
		bad = dir < 0 || fchmod(dir, (mode_t)mode) < 0;
		if (dir >= 0)
			close(dir);
	} else {
		bad = put_file_back(u, s, (mode_t)mode) < 0;
	}
	if (bad) {
		err_warn("cannot put '%s' back: %m", s->a);
		u->bad++;
	} else if (u->base && u->base->n == s->n) {
		set_base(u, s);
	}
}

/* git status writes it: it goes with the branches. */
static int
is_index(const char *path)
{
	size_t n = strlen(path);

	return n > 6 && strcmp(path + n - 6, "/index") == 0 &&
	       strstr(path, "/.git/");
}

/* The file that the step is of, as it was left, is as it is now. */
static void
check_now(struct undoing *u, const struct step *steps, size_t i)
{
	const struct step *s = &steps[i];
	size_t k = i;
	char *now;

	while (k > 0 && steps[k - 1].n == s->n)
		k--;
	now = fingerprint(u->p, steps[k].a);
	if (strcmp(now, s->a) != 0 && !(is_index(steps[k].a) && !u->git)) {
		u->git |= strstr(steps[k].a, "/.git/") != NULL;
		err_warn("'%s' was changed since: it stays as it is",
			 steps[k].a);
		u->skip = s->n;
		u->bad++;
	}
	free(now);
}

static void
undo_steps(struct undoing *u, const struct step *v, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		const struct step *s = &v[i];

		if (s->n == u->skip)
			continue;
		if (strcmp(s->what, "now") == 0)
			check_now(u, v, i);
		else if (strcmp(s->what, "up") == 0)
			put_up_back(u, s);
		else if (strcmp(s->what, "base") == 0)
			u->base = s;
		else if (strcmp(s->what, "opaque") == 0 ||
			 strcmp(s->what, "plain") == 0)
			put_directory_back(u, s);
		else if (strcmp(s->what, "white") == 0 ||
			 strcmp(s->what, "made") == 0)
			take_away(u, s);
		else
			put_host_back(u, s);
	}
}

/* A pen that has one of the overlays is to see no change. */
static void
lock_overlays(const struct project *p, const struct step *v, size_t n)
{
	struct overlay o = {0};

	for (size_t i = 0; i < n; i++) {
		const char *at = strcmp(v[i].what, "base") == 0
				     ? v[i].a
				     : project_below("overlay", v[i].a);
		char *name = at ? mem_part(at, strcspn(at, "/")) : NULL;

		if (name && !(o.name && strcmp(name, o.name) == 0) &&
		    overlay_read(&o, p, name, 1) == 0 && o.used)
			die_hint("wait until it has ended",
				 "a pen is using the overlay '%s'", name);
		free(name);
	}
}

int
restore_run(const struct project *p)
{
	struct undoing u = {.p = p, .overlay = -1};
	struct step *v;
	size_t n, count;
	char *text;

	u.dir = place_open(p);
	text = u.dir < 0 ? NULL
			 : beneath_read(u.dir, JOURNAL, JOURNAL_MAX, &n, NULL);
	if (!text)
		return -1;
	if (parse(text, n, &v, &count) < 0)
		die(ERR_TOOL, "'%s/undo/" JOURNAL "' is damaged", p->state_dir);
	lock_overlays(p, v, count);
	undo_steps(&u, v, count);
	if (u.overlay >= 0 && overlay_write_bases(u.overlay, &u.bases) < 0)
		err_warn("cannot write what the overlay was made from: %m");
	if (u.bad == 0)
		place_remove(p);
	close(u.dir);
	free(v);
	free(text);
	return u.bad;
}
