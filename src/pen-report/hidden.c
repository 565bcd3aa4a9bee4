#include "pen-report/hidden.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/gitindex.h"
#include "pen-report/cachetree.h"
#include "pen-report/class.h"
#include "pen-report/objects.h"

#define INDEX_MAX ((size_t)256 << 20)
#define GITFILE_MAX 4096

/* Of a file that is compared with what git has, and of all of them. */
#define FILE_MAX ((size_t)64 << 20)
#define BYTES_MAX ((size_t)256 << 20)

/* A pointer of git-lfs, which its filter puts in the place of a file. */
#define LFS_POINTER "version https://git-lfs.github.com/spec/"

struct hidden {
	struct walk *w;
	const struct history *h;
	int root;		     /* "/" */
	struct change_entry **files; /* that changed, by path */
	size_t n;
	size_t bytes; /* that were read */
	int whole;
	/* of the index that is read */
	const char *tree;
	unsigned marks; /* those that hide a file */
	int filtered;	/* some files are other ones than git has, rightly */
	struct timespec written;
	struct cachetree_entry *entries; /* or NULL */
	size_t entries_n;
};

static int
by_path(const void *a, const void *b)
{
	const struct change_entry *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

static void
collect_files(struct hidden *h)
{
	struct walk *w = h->w;

	for (size_t i = 0; i < w->n; i++) {
		if (w->v[i].change == CHANGE_REMOVED ||
		    w->v[i].flags & (WALK_DIRECTORY | WALK_SPECIAL))
			continue;
		h->files = mem_room(h->files, h->n, sizeof(*h->files));
		h->files[h->n++] = &w->v[i];
	}
	if (h->n > 0)
		qsort(h->files, h->n, sizeof(*h->files), by_path);
}

static struct change_entry *
find_file(const struct hidden *h, const char *path)
{
	struct change_entry key = {.path = (char *)(size_t)path}, *at = &key;
	struct change_entry **found =
	    h->n ? bsearch(&at, h->files, h->n, sizeof(at), by_path) : NULL;

	return found ? *found : NULL;
}

/* Whether anything changed below the directory. */
static int
has_changes(const struct hidden *h, const char *dir)
{
	size_t low = 0, high = h->n, n = strlen(dir);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(h->files[middle]->path, dir) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < h->n && strncmp(h->files[low]->path, dir, n) == 0; low++)
		if (h->files[low]->path[n] == '/')
			return 1;
	return 0;
}

/*
 * Whether git, however it was built, takes the file for what it was by its
 * times and size.  What changed in the same moment as the index is read again.
 */
static int
looks_unchanged(const struct hidden *h, const struct gitindex_entry *e,
		const struct stat *st)
{
	unsigned long sec = (unsigned long)st->st_mtim.tv_sec & 0xffffffff;
	unsigned long written = (unsigned long)h->written.tv_sec & 0xffffffff;

	if (e->mtime != sec || e->size != (st->st_size & 0xffffffff))
		return 0;
	return written > e->mtime ||
	       (e->mtime_nsec == (unsigned long)st->st_mtim.tv_nsec &&
		written == e->mtime &&
		(unsigned long)h->written.tv_nsec > e->mtime_nsec);
}

/* Line ends as git has them where core.autocrlf is on. */
static size_t
drop_returns(char *p, size_t n)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (p[i] != '\r' || i + 1 == n || p[i + 1] != '\n')
			p[k++] = p[i];
	return k;
}

static int
is_pointer(const struct hidden *h, const struct gitindex_entry *e)
{
	size_t n;
	uint8_t *p = h->h->open && e->id_n == h->h->objects.id_n
			 ? objects_read(&h->h->objects, e->id, OBJECT_BLOB, &n)
			 : NULL;
	int is = p && n > strlen(LFS_POINTER) &&
		 memcmp(p, LFS_POINTER, strlen(LFS_POINTER)) == 0;

	free(p);
	return is;
}

/* Whether the file at path has another content than git has of it. */
static int
differs(struct hidden *h, const char *path, const struct gitindex_entry *e)
{
	struct stat st;
	size_t n = 0;
	int link = S_ISLNK(e->mode), differ;
	char *text = link ? beneath_readlink(h->root, path + 1)
			  : beneath_read(h->root, path + 1, FILE_MAX, &n, &st);

	if (!text) {
		h->whole &= link || is_pointer(h, e);
		return link;
	}
	n = link ? strlen(text) : n;
	h->bytes += n;
	differ =
	    !object_is_named(e->id, e->id_n, OBJECT_BLOB, (uint8_t *)text, n);
	if (differ && !link) {
		n = drop_returns(text, n);
		differ = !object_is_named(e->id, e->id_n, OBJECT_BLOB,
					  (uint8_t *)text, n) &&
			 !is_pointer(h, e);
	}
	free(text);
	return differ;
}

static void
take_entry(void *arg, const struct gitindex_entry *e)
{
	struct hidden *h = arg;
	struct change_entry *c;
	struct stat st;
	char *path;

	if (h->entries) {
		h->entries =
		    mem_room(h->entries, h->entries_n, sizeof(*h->entries));
		h->entries[h->entries_n++] = (struct cachetree_entry){
		    mem_copy(e->path), e->id, (unsigned)e->mode};
	}
	if (e->stage != 0 || !(S_ISREG(e->mode) || S_ISLNK(e->mode)))
		return;
	path = mem_printf("%s/%s", h->tree, e->path);
	c = find_file(h, path);
	if (c && fstatat(h->root, path + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (e->marks & h->marks || looks_unchanged(h, e, &st)) &&
	    (!h->filtered || class_of(e->path).obeyed != OBEYED_NOT)) {
		if (h->bytes > BYTES_MAX)
			h->whole = 0;
		else if (differs(h, path, e))
			c->flags |= WALK_HIDDEN;
	}
	free(path);
}

static void
check_trees(struct hidden *h, const uint8_t *p, size_t n,
	    struct change_entry *c)
{
	size_t lengths[] = {20, 32}, size;

	for (int i = 0; i < 2; i++) {
		const uint8_t *at =
		    gitindex_extension(p, n, lengths[i], "TREE", &size);

		if (at && !cachetree_is_true(at, size, lengths[i], h->entries,
					     h->entries_n))
			c->flags |= WALK_FORGED;
	}
}

/* Whether a filter stands between the files of the tree and git's. */
static int
is_filtered(const struct hidden *h, const char *tree)
{
	static const char *const words[] = {"filter=", "ident", "encoding="};
	char *path = mem_join(tree, "/.gitattributes");
	size_t n;
	char *text = beneath_read(h->root, path + 1, FILE_MAX, &n, NULL);
	int found = 0;

	for (int i = 0; text && i < 3; i++)
		found |= strstr(text, words[i]) != NULL;
	free(text);
	free(path);
	return found;
}

/* The index, and the files of its tree that changed. */
static void
check_index(struct hidden *h, const char *tree, const char *index)
{
	struct change_entry *c = find_file(h, index);
	enum gitindex is;
	struct stat st;
	size_t n;
	char *text = beneath_read(h->root, index + 1, INDEX_MAX, &n, &st);

	if (!text) {
		h->whole &= errno == ENOENT;
		return;
	}
	h->tree = tree;
	h->written = st.st_mtim;
	h->filtered = is_filtered(h, tree);
	/* what the host's monitor said is not of the run's time */
	h->marks = GITINDEX_FLAG | (c ? GITINDEX_MONITOR : 0);
	h->entries = c ? mem_alloc(sizeof(*h->entries)) : NULL;
	h->entries_n = 0;
	is = gitindex_each((uint8_t *)text, n, take_entry, h);
	if (is != GITINDEX_OK)
		h->whole = 0;
	else if (c)
		check_trees(h, (uint8_t *)text, n, c);
	for (size_t i = 0; i < h->entries_n; i++)
		free((char *)(size_t)h->entries[i].path);
	free(h->entries);
	free(text);
}

/* The index of the work tree: of a .git that is a directory, or names one. */
static char *
find_index(const struct hidden *h, const char *tree)
{
	char *git = mem_join(tree, "/.git"), *path = NULL, *text;
	size_t n;

	text = beneath_read(h->root, git + 1, GITFILE_MAX, &n, NULL);
	if (!text)
		path = mem_join(git, "/index");
	else if (strncmp(text, "gitdir: ", 8) == 0) {
		char *line = text + 8, *real;

		line[strcspn(line, "\r\n")] = '\0';
		path = *line == '/' ? mem_copy(line)
				    : mem_printf("%s/%s", tree, line);
		real = realpath(path, NULL);
		free(path);
		path = real ? mem_join(real, "/index") : NULL;
		free(real);
	}
	free(text);
	free(git);
	return path;
}

void
hidden_mark(struct walk *w, const struct history *history)
{
	struct hidden h = {.w = w, .h = history, .whole = 1};

	h.root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	collect_files(&h);
	if (w->m->git_root && w->m->index && has_changes(&h, w->m->git_root))
		check_index(&h, w->m->git_root, w->m->index);
	for (size_t i = 0; i < w->nested.n; i++) {
		char *index = has_changes(&h, w->nested.v[i])
				  ? find_index(&h, w->nested.v[i])
				  : NULL;

		if (index)
			check_index(&h, w->nested.v[i], index);
		free(index);
	}
	if (!h.whole)
		strv_push(&w->why,
			  mem_copy("not all changed files could be compared "
				   "with git's index"));
	close(h.root);
	free(h.files);
}
