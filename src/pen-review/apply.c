#include "pen-review/apply.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "pen-review/compare.h"
#include "pen-review/host.h"

#define DEPTH_MAX 128

static int
refuse(const struct held *h, const char *why)
{
	err_warn("'%s' is not applied: %s", h->shown, why);
	return -1;
}

static int
refuse_error(const struct held *h)
{
	return refuse(h, errno == ELOOP ? "a symbolic link is in the way"
					: strerror(errno));
}

static int
refuse_conflict(const struct held *h)
{
	refuse(h, "the host's was changed meanwhile");
	err_hint("pen-review without options shows both, and asks");
	return -1;
}

/* The mode that the host's file has; that it can be executed is the run's. */
static mode_t
mode_of(const struct overlay *o, const struct held *h)
{
	struct stat st;

	if (host_stat(o->p, h->path, &st) < 0 || !S_ISREG(st.st_mode))
		return h->st.st_mode & 0777;
	return (st.st_mode & 0666) |
	       (h->st.st_mode & 0111 ? (st.st_mode & 0444) >> 2 : 0);
}

static int
put_up(const struct overlay *o, const struct held *h)
{
	const char *name, *as;
	int from = beneath_parent(o->dir, h->rel, &name);
	int to = beneath_parent(o->p->host, h->path + 1, &as), bad, saved;

	bad = from < 0 || to < 0 ||
	      restore_copy(from, name, to, as, mode_of(o, h)) < 0;
	saved = errno;
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	errno = saved;
	return bad ? -1 : 0;
}

static int
remove_host(const struct overlay *o, const struct held *h)
{
	const char *name;
	int dir = beneath_parent(o->p->host, h->path + 1, &name), bad;

	if (dir < 0)
		return errno == ENOENT ? 0 : -1;
	bad = unlinkat(dir, name, S_ISDIR(h->st.st_mode) ? AT_REMOVEDIR : 0) <
		  0 &&
	      errno != ENOENT;
	close(dir);
	return bad ? -1 : 0;
}

static int
make_directory(const struct overlay *o, const struct held *h)
{
	int fd = beneath_make(o->p->host, h->path + 1, h->st.st_mode & 0777);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int
finish(struct overlay *o, const struct held *h, struct restore *r)
{
	overlay_forget(o, h);
	if (restore_take_out(r, o, h, 1) == 0)
		return 0;
	err_warn("'%s' is applied, and is in the overlay still: %m", h->shown);
	return -1;
}

int
apply_text(const struct overlay *o, const struct held *h, const char *text,
	   size_t n, struct restore *r)
{
	const char *name;
	int dir, bad;

	if (restore_make(r, h->path) < 0 || restore_save(r, o, h) < 0)
		return refuse_error(h);
	dir = beneath_parent(o->p->host, h->path + 1, &name);
	bad = dir < 0 || beneath_write(dir, name, text, n, mode_of(o, h)) < 0;
	if (dir >= 0)
		close(dir);
	if (bad)
		return refuse_error(h);
	return 0;
}

/* What the host and the run made of one text, where it can be joined. */
static int
merge_text(struct overlay *o, const struct held *h, struct restore *r)
{
	struct side base, host, own;
	char *b = overlay_text(o, h, "base", &base.n);
	char *w = overlay_text(o, h, "up", &own.n);
	char *t = host_read(o->p, h->path, &host.n, NULL);
	char *text = NULL;
	size_t n = 0;
	int conflicts = 1, bad;

	base.text = b;
	own.text = w;
	host.text = t;
	if (b && w && t)
		text = compare_merge(base, host, own, &n, &conflicts);
	if (!text || conflicts)
		bad = refuse_conflict(h) < 0;
	else
		bad = apply_text(o, h, text, n, r) < 0 || finish(o, h, r) < 0;
	free(text);
	free(b);
	free(w);
	free(t);
	return bad ? -1 : 0;
}

/* What is known of it stays: it is needed when it is put back. */
int
apply_drop(const struct overlay *o, const struct held *h, struct restore *r)
{
	if (restore_drop(r, o, h) == 0)
		return 0;
	err_warn("cannot drop '%s': %m", h->shown);
	return -1;
}

/* It is not taken back: somebody may have built on it since. */
static int
apply_object(struct overlay *o, const struct held *h, struct restore *r)
{
	const char *name;
	int dir;

	if (restore_make(r, h->path) < 0 || put_up(o, h) < 0)
		return refuse_error(h);
	overlay_forget(o, h);
	dir = beneath_parent(o->dir, h->rel, &name);
	if (dir >= 0) {
		unlinkat(dir, name, 0);
		close(dir);
	}
	return 0;
}

/*
 * Whether the overlay's file is the one that was read, and shown.  The change
 * time of one with several names is that of all of them.
 */
static int
is_as_read(const struct overlay *o, const struct held *h)
{
	const char *name;
	int dir, same;
	struct stat st;

	if (h->kind == UPPER_REMOVED || S_ISDIR(h->st.st_mode))
		return 1;
	dir = beneath_parent(o->dir, h->rel, &name);
	same = dir >= 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_ino == h->st.st_ino && st.st_mode == h->st.st_mode &&
	       st.st_size == h->st.st_size &&
	       (h->st.st_nlink > 1 ||
		(st.st_ctim.tv_sec == h->st.st_ctim.tv_sec &&
		 st.st_ctim.tv_nsec == h->st.st_ctim.tv_nsec));
	if (dir >= 0)
		close(dir);
	return same;
}

int
apply_one(struct overlay *o, const struct held *h, int seen, struct restore *r)
{
	int bad;

	if (h->kind == UPPER_OTHER)
		return refuse(h, "it is a device, a FIFO or a socket");
	if (!is_as_read(o, h))
		return refuse(h, "the overlay's was changed meanwhile");
	if (h->conflict && !seen)
		return h->kind == UPPER_CHANGED && S_ISREG(h->st.st_mode)
			   ? merge_text(o, h, r)
			   : refuse_conflict(h);
	if (overlay_is_object(h))
		return apply_object(o, h, r);
	if ((h->kind != UPPER_REMOVED && restore_make(r, h->path) < 0) ||
	    restore_save(r, o, h) < 0)
		return refuse_error(h);
	bad = h->kind == UPPER_REMOVED ? remove_host(o, h)
	      : S_ISDIR(h->st.st_mode) ? make_directory(o, h)
				       : put_up(o, h);
	return bad ? refuse_error(h) : finish(o, h, r);
}

/* Whether a removal below rel was not applied: an opaque directory says so. */
static int
is_hidden(const struct overlay *o, const char *rel)
{
	struct stat st;

	for (size_t i = 0; i < o->n; i++)
		if (o->v[i].kind == UPPER_REMOVED &&
		    project_below(rel, o->v[i].rel) &&
		    host_stat(o->p, o->v[i].path, &st) == 0)
			return 1;
	return 0;
}

static void
prune(const struct overlay *o, struct restore *r, int above, const char *name,
      const char *rel, int hides, int depth)
{
	int fd = beneath_open(above, name, O_RDONLY | O_DIRECTORY), left = 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	hides = hides || upper_is_opaque(above, name);
	while (d && (e = readdir(d))) {
		struct stat st;
		char *below;

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (depth == 0 ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) <
			0 ||
		    !S_ISDIR(st.st_mode)) {
			left = 1;
			continue;
		}
		below = mem_printf("%s/%s", rel, e->d_name);
		prune(o, r, dirfd(d), e->d_name, below, hides, depth - 1);
		left |=
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0;
		free(below);
	}
	if (d)
		closedir(d);
	/* the upper directory itself stays */
	if (d && !left && strlen(rel) > strlen("t0/up") &&
	    !(hides && is_hidden(o, rel)))
		restore_take_directory(r, o, rel);
}

void
apply_end(struct overlay *o, struct restore *r)
{
	if (o->less && overlay_write_bases(o->dir, &o->bases) < 0)
		err_warn("cannot write what the overlay was made from: %m");
	if (r->journal < 0)
		return;
	for (size_t t = 0; t < o->roots.n; t++) {
		char *rel = mem_printf("t%zu/up", t);

		prune(o, r, o->dir, rel, rel, 0, DEPTH_MAX);
		free(rel);
	}
}
