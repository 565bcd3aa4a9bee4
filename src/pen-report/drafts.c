#include "pen-report/drafts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/mem.h"

#define BASE "draft/base.json"

int
drafts_open(struct drafts *d, int state)
{
	size_t n;
	char *text;

	*d = (struct drafts){.state = state,
			     .host =
				 open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)};
	if (d->host < 0)
		return -1;
	text = beneath_read(state, BASE, DRAFT_MAX, &n, NULL);
	d->base = text ? json_loadb(text, n, 0, NULL) : NULL;
	if (!json_is_object(d->base)) {
		json_decref(d->base);
		d->base = json_object();
	}
	free(text);
	return 0;
}

int
drafts_close(struct drafts *d)
{
	char *text = json_dumps(d->base, JSON_INDENT(1) | JSON_SORT_KEYS);
	int bad = 0, fd;

	if (json_object_size(d->base) > 0 ||
	    faccessat(d->state, BASE, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		fd = beneath_make(d->state, "draft", 0700);
		bad = fd < 0 || !text ||
		      beneath_write(fd, "base.json", text, strlen(text), 0600) <
			  0;
		if (fd >= 0)
			close(fd);
	}
	free(text);
	json_decref(d->base);
	close(d->host);
	return bad ? -1 : 0;
}

char *
drafts_read(const struct drafts *d, const char *whose, const char *path,
	    size_t *n)
{
	char *at = mem_printf("draft/%s%s", whose, path);
	char *text = beneath_read(d->state, at, DRAFT_MAX, n, NULL);
	int saved = errno;

	free(at);
	errno = saved;
	return text;
}

/*
 * Opens the directory of path in the tree, making it, and *name in it.  What is
 * no directory on the way is of an older draft, and goes.
 */
static int
make_parent(struct drafts *d, const char *tree, const char *path,
	    const char **name)
{
	char *dir = mem_printf("draft/%s%.*s", tree,
			       (int)(strrchr(path, '/') - path), path);
	int fd = beneath_make(d->state, dir, 0700);

	for (char *at = dir + strlen("draft/");
	     fd < 0 && (errno == ENOTDIR || errno == ELOOP) &&
	     (at = strchr(at, '/'));
	     at++) {
		const char *part;
		struct stat st;
		int parent;
		char end = at[1 + strcspn(at + 1, "/")];
		char *cut = at + 1 + strcspn(at + 1, "/");

		*cut = '\0';
		parent = beneath_parent(d->state, dir, &part);
		if (parent >= 0 &&
		    fstatat(parent, part, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    !S_ISDIR(st.st_mode))
			beneath_remove(parent, part);
		if (parent >= 0)
			close(parent);
		*cut = end;
		fd = beneath_make(d->state, dir, 0700);
	}
	free(dir);
	*name = strrchr(path, '/') + 1;
	return fd;
}

static int
write_in(struct drafts *d, const char *tree, const char *path, const void *p,
	 size_t n, mode_t mode)
{
	const char *name;
	int fd = make_parent(d, tree, path, &name), bad;
	struct stat st;

	if (fd < 0)
		return -1;
	/* rename(2) does not put a file in the place of a directory */
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode))
		beneath_remove(fd, name);
	bad = beneath_write(fd, name, p, n, mode) < 0;
	close(fd);
	return bad ? -1 : 0;
}

int
drafts_write(struct drafts *d, const char *path, const void *p, size_t n,
	     mode_t mode)
{
	size_t k;
	char *before = drafts_read(d, "tree", path, &k);

	/* without it, nothing was before: an empty draft is never one */
	if (write_in(d, "before", path, before ? before : "", before ? k : 0,
		     0600) < 0) {
		free(before);
		return -1;
	}
	free(before);
	return write_in(d, "tree", path, p, n, mode);
}

int
drafts_keep_host(struct drafts *d, const char *path, const char *text)
{
	return write_in(d, "host", path, text, strlen(text), 0600);
}

int
drafts_put(struct drafts *d, const char *path, const char *link)
{
	const char *name;
	int fd = make_parent(d, "tree", path, &name), bad;

	if (fd < 0)
		return -1;
	bad = beneath_remove(fd, name) < 0 ||
	      (link ? symlinkat(link, fd, name)
		    : mknodat(fd, name, S_IFCHR, makedev(0, 0))) < 0;
	close(fd);
	return bad ? -1 : 0;
}

int
drafts_set_aside(struct drafts *d, const char *path, const char *run)
{
	char *aside = mem_printf("%s.%s", path, run);
	char *from = mem_join("draft/tree", path);
	struct stat st;
	size_t n;
	char *text = beneath_read(d->state, from, DRAFT_MAX, &n, &st);
	json_t *note = json_copy(json_object_get(d->base, path));
	int bad = !text ||
		  write_in(d, "aside", aside, text, n, st.st_mode & 0777) < 0;

	json_object_set_new(note, "merge", json_string("none"));
	if (note)
		json_object_set_new(d->base, aside, note);
	free(text);
	free(from);
	free(aside);
	return bad ? -1 : 0;
}

static int
remove_in(struct drafts *d, const char *tree, const char *path)
{
	char *at = mem_printf("draft/%s%s", tree, path);
	const char *name;
	int fd = beneath_parent(d->state, at, &name), bad = 0;

	if (fd >= 0) {
		bad = beneath_remove(fd, name) < 0;
		close(fd);
	}
	free(at);
	return bad ? -1 : 0;
}

int
drafts_remove(struct drafts *d, const char *path)
{
	json_object_del(d->base, path);
	remove_in(d, "host", path);
	remove_in(d, "before", path);
	return remove_in(d, "tree", path);
}
