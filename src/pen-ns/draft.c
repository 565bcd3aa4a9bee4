/*
 * --draft-tree, --draft and --draft-link: files of the host's in a private
 * version, of which the host has nothing.
 *
 * What is written goes to the layer, a tmpfs with bounds:
 *
 *	tN/up, tN/work	the upper directory of tree N's overlay
 *	links/N/NAME	the file that the link N leads to
 *	marks/N		the link itself
 *
 * A tree has one overlay, since each costs a third of a millisecond, and what
 * is a draft is bound from it.  The layer and the overlays have to be mounted
 *to be bound from: one above the other on /dev/pen, and last of all links/ over
 * them, so that nobody inside reaches the others, and nothing has to be
 * unmounted.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/resolve.h"
#include "pen-ns/copy.h"
#include "pen-ns/draft.h"
#include "pen-ns/lookup.h"
#include "pen-ns/mount.h"
#include "pen-ns/view.h"

#define PLACE "/dev/pen"

/* Of the layer, in all. */
#define STANDARD_SIZE (256UL << 20)
#define INODES "64k"

struct tree {
	const char *src;
	int host, kept; /* directories; kept may be -1 */
	int overlay;	/* its root, or -1 before it is needed */
	int whole;	/* there is none: it is a directory of copies */
};

struct drafts {
	int layer; /* its root */
	int top;   /* the root of what was mounted on PLACE last */
	struct tree *trees;
	size_t n;
	char *pinned; /* the last directory that was: and all above it */
};

static _Noreturn void
draft_die(const char *dest)
{
	die_hint(errno == ENOSPC ? "drafts need more room: --draft-size" : NULL,
		 "cannot make a draft of '%s': %m", dest);
}

static int
make_layer(unsigned long size)
{
	char bytes[32];
	const char *const opts[] = {"source",	 "tmpfs", "mode",
				    "0700",	 "size",  bytes,
				    "nr_inodes", INODES,  NULL};
	int fd;

	snprintf(bytes, sizeof(bytes), "%lu", size ? size : STANDARD_SIZE);
	fd = mount_new("tmpfs", MOUNT_SAFE, opts);
	if (fd < 0)
		view_die(NULL, "tmpfs");
	if (mkdirat(fd, "links", 0700) < 0 || mkdirat(fd, "marks", 0700) < 0)
		die(ERR_TOOL, "cannot make the layer of drafts: %m");
	return fd;
}

static struct drafts *
add_layer(struct view *v)
{
	struct drafts *d = v->drafts;
	int place;

	if (d)
		return d;
	v->drafts = d = mem_alloc(sizeof(*d));
	place = lookup_make(v->root, PLACE, S_IFDIR, 0755, LOOKUP_ABOVE);
	d->layer = d->top = make_layer(v->draft_size);
	if (place < 0 || mount_move(d->layer, place, "") < 0)
		view_die(NULL, PLACE);
	close(place);
	return d;
}

/* Opens name below dir, and nothing that a link leads to.  -1 with errno. */
static int
open_below(int dir, const char *name, int flags)
{
	return resolve_open(dir, name, flags | O_NOFOLLOW,
			    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
				RESOLVE_NO_MAGICLINKS);
}

void
draft_add_tree(struct view *v, const struct op *op)
{
	struct drafts *d = add_layer(v);
	struct tree t = {.src = op->src, .kept = -1, .overlay = -1};

	t.host = open(op->src, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (t.host < 0)
		draft_die(op->src);
	if (*op->dest) {
		t.kept = open(op->dest, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (t.kept < 0)
			draft_die(op->dest);
	}
	d->trees = mem_room(d->trees, d->n, sizeof(*d->trees));
	d->trees[d->n++] = t;
}

/* What is removed and made again has one in an overlay: Linux 6.6. */
static int
keeps_attributes(int layer)
{
	int fd = openat(layer, "marks", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int bad = fd < 0 || fsetxattr(fd, "user.pen", "", 0, 0) < 0;

	if (fd >= 0)
		close(fd);
	return !bad;
}

/*
 * There is no overlay of tree n, because of the kernel, a file system that
 * cannot be a layer, or a mount of the host's in it.
 */
static void
make_copies(struct drafts *d, unsigned n)
{
	struct tree *t = &d->trees[n];
	char name[32];
	int mark;

	snprintf(name, sizeof(name), "t%u/whole", n);
	mark = openat(d->layer, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	snprintf(name, sizeof(name), "t%u/up", n);
	t->overlay = openat(d->layer, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mark < 0 || t->overlay < 0)
		draft_die(t->src);
	close(mark);
	t->whole = 1;
}

/* Makes a directory of tree n in the layer: its path, for the kernel. */
static char *
make_directory(const struct drafts *d, unsigned n, const char *name)
{
	char path[32];

	snprintf(path, sizeof(path), "t%u%s", n, name);
	if (mkdirat(d->layer, path, 0700) < 0)
		draft_die(d->trees[n].src);
	return mem_printf("/proc/self/fd/%d/%s", d->layer, path);
}

/* Mounts the overlay of tree n, where something can be bound from it. */
static void
mount_overlay(struct drafts *d, unsigned n)
{
	struct tree *t = &d->trees[n];
	char *tree = make_directory(d, n, "");
	char *upper = make_directory(d, n, "/up");
	char *work = make_directory(d, n, "/work"), *lower;

	lower = t->kept >= 0 ? mem_printf("/proc/self/fd/%d:/proc/self/fd/%d",
					  t->kept, t->host)
			     : mem_printf("/proc/self/fd/%d", t->host);
	const char *const opts[] = {"source",	 "overlay", "lowerdir", lower,
				    "upperdir",	 upper,	    "workdir",	work,
				    "userxattr", NULL};

	t->overlay = keeps_attributes(d->layer)
			 ? mount_new("overlay", MOUNT_SAFE, opts)
			 : -1;
	if (t->overlay < 0)
		make_copies(d, n);
	else if (mount_move(t->overlay, d->top, "") < 0)
		view_die(NULL, PLACE);
	else
		d->top = t->overlay;
	free(tree);
	free(upper);
	free(work);
	free(lower);
}

/*
 * What is at dest inside, which is to be the tree's own rel: whoever put a link
 * on the way since pen looked there has led us to something else.
 */
static int
find_dest(const struct view *v, const struct tree *t, const struct op *op)
{
	int host = open_below(t->host, op->src, O_PATH);
	int dest = lookup_open(v->root, op->dest, O_PATH | O_NOFOLLOW);
	struct stat want, have;

	if (host < 0 || dest < 0 || fstat(host, &want) < 0 ||
	    fstat(dest, &have) < 0)
		draft_die(op->dest);
	if (want.st_dev != have.st_dev || want.st_ino != have.st_ino)
		die(ERR_TOOL,
		    "cannot make a draft of '%s': it is not '%s' of "
		    "'%s'",
		    op->dest, op->src, t->src);
	if (S_ISREG(want.st_mode) && want.st_nlink > 1)
		die_hint("copy it, and move the copy over it",
			 "cannot make a draft of '%s': it has another name, a "
			 "hard link",
			 op->dest);
	close(host);
	return dest;
}

static int
is_pinned(const struct drafts *d, const char *path)
{
	size_t n = strlen(path);

	return d->pinned && strncmp(d->pinned, path, n) == 0 &&
	       (d->pinned[n] == '/' || d->pinned[n] == '\0');
}

/*
 * Mounts each directory on the way from the tree's root to rel on itself: who
 * could rename one of them could make another in its place.
 */
static void
pin_parents(const struct view *v, const struct op *op)
{
	const char *end = strchr(op->src, '/')
			      ? op->dest + strlen(op->dest) - strlen(op->src)
			      : "";
	struct statx sx;

	for (; (end = strchr(end, '/')); end++) {
		char *path = mem_part(op->dest, (size_t)(end - op->dest));
		int fd, copy = -1;

		if (is_pinned(v->drafts, path)) {
			free(path);
			continue;
		}
		fd = lookup_open(v->root, path, O_PATH | O_NOFOLLOW);
		if (fd < 0 || lookup_stat(fd, STATX_TYPE, &sx) < 0)
			draft_die(path);
		if (!(sx.stx_attributes & STATX_ATTR_MOUNT_ROOT)) {
			copy = mount_copy(fd, "", MOUNT_SAFE);
			if (copy < 0 || mount_move(copy, fd, "") < 0)
				view_die(NULL, path);
			close(copy);
		}
		close(fd);
		free(v->drafts->pinned);
		v->drafts->pinned = path;
	}
}

void
draft_place(struct view *v, const struct op *op)
{
	struct drafts *d = v->drafts;
	struct tree *t = &d->trees[op->tree];
	int dest, from, copy;

	pin_parents(v, op);
	dest = find_dest(v, t, op);
	if (t->overlay < 0)
		mount_overlay(d, op->tree);
	if (t->whole &&
	    (copy_below(t->host, t->overlay, op->src) < 0 ||
	     (t->kept >= 0 && copy_below(t->kept, t->overlay, op->src) < 0)))
		draft_die(op->dest);
	from = open_below(t->overlay, op->src, O_PATH);
	if (from < 0)
		draft_die(op->dest);
	copy = mount_copy(from, "", MOUNT_SAFE);
	if (copy < 0 || mount_move(copy, dest, "") < 0)
		view_die(NULL, op->dest);
	close(copy);
	close(from);
	close(dest);
}

/* Copies what the tree has as op's file, or its removal, to name in to. */
static void
copy_content(int tree, int to, const struct op *op, const char *name)
{
	char *above = mem_part(op->src, (size_t)(name - op->src));
	int parent = open_below(tree, *above ? above : ".", O_PATH);
	struct stat st;

	if (parent < 0 || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			draft_die(op->dest);
	} else if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode)) {
		die(ERR_TOOL, "cannot make a draft of '%s': it is not a file",
		    op->dest);
	} else if (copy_below(parent, to, name) < 0) {
		draft_die(op->dest);
	}
	if (parent >= 0)
		close(parent);
	free(above);
}

void
draft_place_link(struct view *v, const struct op *op)
{
	struct drafts *d = v->drafts;
	const struct tree *t = &d->trees[op->tree];
	const char *slash = strrchr(op->src, '/');
	const char *name = slash ? slash + 1 : op->src;
	char *target = mem_printf(PLACE "/%u/%s", op->link, name), path[32];
	int dest, dir, mark, link;

	pin_parents(v, op);
	dest = find_dest(v, t, op);
	snprintf(path, sizeof(path), "links/%u", op->link);
	if (mkdirat(d->layer, path, 0700) < 0)
		draft_die(op->dest);
	dir = openat(d->layer, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	copy_content(t->host, dir, op, name);
	if (t->kept >= 0)
		copy_content(t->kept, dir, op, name);
	snprintf(path, sizeof(path), "marks/%u", op->link);
	if (symlinkat(target, d->layer, path) < 0)
		draft_die(op->dest);
	mark = openat(d->layer, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	link = mount_copy(mark, "", MOUNT_SAFE | MOUNT_ATTR_RDONLY);
	if (link < 0 || mount_move(link, dest, "") < 0)
		view_die(NULL, op->dest);
	close(link);
	close(mark);
	close(dir);
	close(dest);
	free(target);
}

int
draft_finish(struct view *v)
{
	struct drafts *d = v->drafts;
	int links;

	if (!d)
		return -1;
	links = mount_copy(d->layer, "links", MOUNT_SAFE);
	if (links < 0 || mount_move(links, d->top, "") < 0)
		view_die(NULL, PLACE);
	close(links);
	return d->layer;
}
