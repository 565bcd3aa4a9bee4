/*
 * Two threads take directories from one stack, the deepest first, so that few
 * wait there; each directory is opened by its path below the tree's root,
 * which is held, and no link or mount is followed.  A thread writes to its own
 * part of the result.
 */
#include "pen-report/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/beneath.h"
#include "lib/resolve.h"
#include "pen-report/class.h"

#define THREADS 2
#define BUFFER ((size_t)64 << 10)

/* Of a path in a reason. */
#define SHOWN_MAX 200

/* Directories that wait, and reasons that are written down. */
#define WAITING_MAX ((size_t)1 << 20)
#define WHY_MAX 64

/* File systems whose change times are not this kernel's clock. */
static const unsigned long foreign[] = {
    0x65735546, /* FUSE: sshfs */
    0x4d44,	/* FAT */
    0x2011bab0, /* exFAT */
    0x01021997, /* 9p */
    0x6969,	/* NFS */
    0xff534d42, /* CIFS */
    0xfe534d42, /* SMB2 */
};

/* A file of more bytes is not read to be compared with what git had. */
#define COMPARED_MAX ((size_t)1 << 20)

/* Whether what is in a directory is where it was. */
enum moved {
	STAYED,
	PERHAPS, /* nothing says that it is: what is obeyed counts */
	MOVED,	 /* all that is below counts */
};

struct directory {
	char *path; /* absolute */
	enum moved moved;
};

struct part {
	struct shared *s;
	struct change_entry *v;
	size_t n;
	unsigned long long uncounted, seen;
	struct strv why, bare, nested;
	struct bytes list, names;
	char buffer[BUFFER] __attribute__((aligned(8)));
};

struct shared {
	struct walk *w;
	int root; /* of the tree that is walked */
	const char *root_path;
	dev_t dev;
	const struct timespec *mark;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct directory *stack;
	size_t n, room;
	unsigned busy;
	int full; /* WAITING_MAX was reached */
	struct part *parts;
};

/* What is known of the directory that a thread is in. */
struct inside {
	const char *path;
	int fd;
	enum moved moved;
	int news; /* its own change time is new */
	const struct list_dir *before;
	size_t first; /* its first change in the part */
	unsigned git; /* of HEAD, objects and refs: bits */
	int git_news;
};

static void
add_why(struct strv *why, char *text)
{
	if (why->n < WHY_MAX)
		strv_push(why, text);
	else
		free(text);
}

static int
is_new(const struct shared *s, const struct statx_timestamp *t)
{
	if (t->tv_sec != s->mark->tv_sec)
		return t->tv_sec > s->mark->tv_sec;
	return (long)t->tv_nsec >= s->mark->tv_nsec;
}

static char *
join_path(const char *dir, const char *name)
{
	size_t n = strlen(dir), m = strlen(name) + 1;
	int slash = n > 0 && dir[n - 1] == '/';
	char *path = mem_grow(NULL, n + m + 1, 1);

	memcpy(path, dir, n);
	if (!slash)
		path[n++] = '/';
	memcpy(path + n, name, m);
	return path;
}

static void
push(struct shared *s, char *path, enum moved moved)
{
	pthread_mutex_lock(&s->lock);
	if (s->n == WAITING_MAX) {
		s->full = 1;
		free(path);
	} else {
		if (s->n == s->room) {
			s->room = s->room ? s->room * 2 : 256;
			s->stack =
			    mem_grow(s->stack, s->room, sizeof(*s->stack));
		}
		s->stack[s->n++] = (struct directory){path, moved};
		pthread_cond_signal(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
}

/* The next directory; 0 when there is none, and there will be none. */
static int
pop(struct shared *s, struct directory *d, int finished)
{
	int found = 0;

	pthread_mutex_lock(&s->lock);
	s->busy -= (unsigned)finished;
	while (s->n == 0 && s->busy > 0)
		pthread_cond_wait(&s->changed, &s->lock);
	if (s->n > 0) {
		*d = s->stack[--s->n];
		s->busy++;
		found = 1;
	} else {
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

static struct change_entry *
add_change(struct part *p, char *path, enum change change, unsigned flags)
{
	if (p->n == WALK_CHANGES_MAX / THREADS) {
		p->uncounted++;
		free(path);
		return NULL;
	}
	p->v = mem_room(p->v, p->n, sizeof(*p->v));
	p->v[p->n] = (struct change_entry){
	    .path = path, .change = change, .flags = flags};
	return &p->v[p->n++];
}

/* Opens the directory d below the root, and nothing else. */
static int
open_directory(struct part *p, const char *path)
{
	const struct shared *s = p->s;
	const char *below = manifest_below(s->root_path, path);
	int fd = resolve_open(s->root, *below ? below : ".",
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
			      RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
				  RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);

	if (fd >= 0 || errno == ENOENT)
		return fd; /* gone: its parent has that */
	if (errno == EXDEV)
		add_why(&p->why,
			mem_printf("'%s' is on another file system", path));
	else
		add_why(&p->why,
			mem_printf("'%.*s%s' cannot be read: %s", SHOWN_MAX,
				   path, strlen(path) > SHOWN_MAX ? "..." : "",
				   strerror(errno)));
	return -1;
}

/* Whether overlayfs would obey an attribute of the file: "user.overlay.*". */
static int
has_overlay(const struct inside *in, const char *name)
{
	char path[64 + NAME_MAX], list[4096];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", in->fd, name);
	n = llistxattr(path, list, sizeof(list));
	if (n < 0)
		return errno == ERANGE;
	for (char *at = list; at < list + n; at += strlen(at) + 1)
		if (strncmp(at, "user.overlay.", 13) == 0)
			return 1;
	return 0;
}

/*
 * A set-ID bit would let whoever executes the file be its owner or group.
 * Returns the flag that says what became of it.
 */
static unsigned
remove_setid(const struct inside *in, const char *name, const struct statx *st)
{
	int fd = openat(in->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	unsigned flag = WALK_KEPT_SETID;
	char path[32];
	struct stat now;

	if (fd >= 0 && fstat(fd, &now) == 0 && now.st_ino == st->stx_ino &&
	    S_ISREG(now.st_mode)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (chmod(path, now.st_mode & 01777) == 0)
			flag = WALK_SETID;
	}
	if (fd >= 0)
		close(fd);
	return flag;
}

static unsigned
flags_of(const struct inside *in, const char *name, const struct statx *st)
{
	unsigned flags = 0;

	switch (st->stx_mode & S_IFMT) {
	case S_IFDIR:
		flags = WALK_DIRECTORY;
		break;
	case S_IFLNK:
		return WALK_LINK;
	case S_IFREG:
		if (st->stx_mode & (S_ISUID | S_ISGID))
			flags = remove_setid(in, name, st);
		break;
	case S_IFCHR:
	case S_IFBLK:
		return WALK_DEVICE;
	default:
		return WALK_SPECIAL;
	}
	return has_overlay(in, name) ? flags | WALK_OVERLAY : flags;
}

/* What git looks for in a directory that has no .git. */
static void
note_git(struct inside *in, const char *name, int news)
{
	static const char *const names[] = {"HEAD", "objects", "refs"};

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(name, names[i]) == 0) {
			in->git |= 1u << i;
			in->git_news |= news;
		}
}

static char
type_of(unsigned mode)
{
	return S_ISDIR(mode) ? 'd' : S_ISREG(mode) ? 'f' : 'o';
}

/* Whether a file is what git had there at the start. */
static int
is_of_start(const struct part *p, const struct inside *in, const char *name,
	    const char *path)
{
	struct stat st;
	size_t n;
	char *text = beneath_read(in->fd, name, COMPARED_MAX, &n, &st);
	int same =
	    text && history_had(p->s->w->history, path, text, n, st.st_mode);

	free(text);
	return same;
}

/* Whether an old file counts because of the directory that it is in. */
static int
counts_with(const struct part *p, const struct inside *in, const char *name,
	    const char *path, int is_dir)
{
	if (in->moved != PERHAPS)
		return in->moved == MOVED;
	return !is_dir &&
	       class_of(manifest_below(p->s->root_path, path)).obeyed ==
		   OBEYED_TOLD &&
	       !is_of_start(p, in, name, path);
}

static void
take_entry(struct part *p, struct inside *in, const char *name)
{
	struct statx st;
	struct change_entry *c;
	char *path = NULL;
	int news, is_dir;

	p->seen++;
	if (statx(in->fd, name, AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC,
		  STATX_BASIC_STATS | STATX_BTIME, &st) < 0)
		return; /* gone */
	if (strcmp(name, ".git") == 0 && p->nested.n < WALK_BARE_MAX &&
	    strcmp(in->path, p->s->root_path) != 0)
		strv_push(&p->nested, mem_copy(in->path));
	news = is_new(p->s, &st.stx_ctime);
	is_dir = S_ISDIR(st.stx_mode);
	list_add_name(&p->names, st.stx_ino, type_of(st.stx_mode), name);
	note_git(in, name, news);
	if (news || in->moved || is_dir)
		path = join_path(in->path, name);
	if (is_dir)
		push(p->s, mem_copy(path), in->moved);
	/* a directory that was there counts by what is in it */
	if (is_dir && in->moved != MOVED &&
	    !(st.stx_mask & STATX_BTIME && is_new(p->s, &st.stx_btime)))
		news = 0;
	if (!news && (!path || !counts_with(p, in, name, path, is_dir))) {
		free(path);
		return;
	}
	c = add_change(p, path, CHANGE_CHANGED, 0);
	if (!c)
		return;
	c->ino = st.stx_ino;
	c->flags = flags_of(in, name, &st);
	if (st.stx_mask & STATX_BTIME && is_new(p->s, &st.stx_btime)) {
		c->change = CHANGE_CREATED;
		c->flags |= WALK_BORN;
	} else if (!news) {
		c->flags |= WALK_MOVED;
	}
}

static int
compare_names(const void *a, const void *b)
{
	const struct list_name *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* The names of a directory, sorted; the caller frees them. */
static struct list_name *
sort_names(const struct list_dir *d, size_t *n)
{
	struct list_name *v = NULL, name;
	size_t at = 0;

	for (*n = 0; list_next(d, &at, &name); ++*n) {
		v = mem_room(v, *n, sizeof(*v));
		v[*n] = name;
	}
	if (v)
		qsort(v, *n, sizeof(*v), compare_names);
	return v;
}

static void
add_removed(struct part *p, const struct inside *in,
	    const struct list_name *name)
{
	struct change_entry *c =
	    add_change(p, join_path(in->path, name->name), CHANGE_REMOVED,
		       name->type == 'd' ? WALK_DIRECTORY : 0);

	if (c)
		c->ino = name->ino;
}

/* The change in this directory whose name is that; NULL if there is none. */
static struct change_entry *
find_change(const struct part *p, const struct inside *in, const char *name)
{
	for (size_t i = in->first; i < p->n; i++)
		if (strcmp(strrchr(p->v[i].path, '/') + 1, name) == 0)
			return &p->v[i];
	return NULL;
}

/* A directory that was moved here has a change time, and counts by name. */
static void
add_arrived(struct part *p, const struct inside *in,
	    const struct list_name *name)
{
	struct change_entry *c = find_change(p, in, name->name);

	if (!c)
		c = add_change(p, join_path(in->path, name->name),
			       CHANGE_CREATED, WALK_DIRECTORY);
	if (c)
		c->ino = name->ino;
}

/*
 * A directory with a new change time against what it had at the last end: what
 * is gone was removed, what was not there was made or moved here.
 */
static void
compare_with_last(struct part *p, struct inside *in)
{
	struct list_dir now = {.names = p->names.p, .n = p->names.n};
	size_t n, m, i = 0, k = 0, changes = p->n;
	struct list_name *was = sort_names(in->before, &n), key;
	struct list_name *is = sort_names(&now, &m);

	for (size_t c = in->first; c < changes; c++) {
		key.name = strrchr(p->v[c].path, '/') + 1;
		p->v[c].change =
		    n > 0 && bsearch(&key, was, n, sizeof(*was), compare_names)
			? CHANGE_CHANGED
			: CHANGE_CREATED;
	}
	while (i < n || k < m) {
		int r = i == n	 ? 1
			: k == m ? -1
				 : strcmp(was[i].name, is[k].name);

		if (r < 0)
			add_removed(p, in, &was[i]);
		else if (r > 0 && is[k].type == 'd')
			add_arrived(p, in, &is[k]);
		i += r <= 0;
		k += r >= 0;
	}
	free(was);
	free(is);
}

/* Entries as the kernel has them: getdents64(2). */
struct kernel_entry {
	uint64_t ino, off;
	unsigned short size;
	unsigned char type;
	char name[];
};

static void
read_entries(struct part *p, struct inside *in)
{
	long n;

	while ((n = syscall(SYS_getdents64, in->fd, p->buffer, BUFFER)) > 0)
		for (char *at = p->buffer; at < p->buffer + n;) {
			struct kernel_entry *e = (void *)at;

			at += e->size;
			if (strcmp(e->name, ".") != 0 &&
			    strcmp(e->name, "..") != 0)
				take_entry(p, in, e->name);
		}
	if (n < 0)
		add_why(&p->why, mem_printf("'%s' cannot be read: %s", in->path,
					    strerror(errno)));
}

static void
keep_list(struct part *p, const struct inside *in, const struct statx *st)
{
	uint64_t dev = (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;

	if (p->list.n < LIST_MAX / THREADS)
		list_add_dir(&p->list, in->path, dev, st->stx_ino, &p->names);
	else
		p->s->w->list_lost = 1;
}

/* Whether git took it for a repository at the start: its hooks are a draft. */
static int
was_repository(const struct manifest *m, const char *path)
{
	const char *below = manifest_below(m->root, path);
	size_t n = strlen(path);

	/* the root's .git has drafts, whatever it is */
	if (below && strcmp(below, ".git") == 0)
		return m->git_dir != NULL;
	for (size_t i = 0; i < m->ndrafts; i++)
		if (strncmp(m->drafts[i].path, path, n) == 0 &&
		    strcmp(m->drafts[i].path + n, "/hooks") == 0)
			return 1;
	return 0;
}

/* Its config and hooks are git's, whatever it is called. */
static void
note_bare(struct part *p, const struct inside *in)
{
	if (p->bare.n < WALK_BARE_MAX)
		strv_push(&p->bare, mem_copy(in->path));
	else
		add_why(&p->why, mem_copy("there are too many repositories"));
}

/* Whether the directory is where it was at the last end. */
static int
was_there(const struct inside *in, const struct statx *st)
{
	uint64_t dev = (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;

	return in->before && in->before->ino == st->stx_ino &&
	       in->before->dev == dev;
}

/*
 * Whether a directory that is in no list was there all the same: the root of a
 * tree is held by a mount; and in the first run, what git has in its own.
 */
static int
is_at_home(const struct shared *s, const char *path)
{
	static const char *const own[] = {"objects", "refs", "logs"};
	const struct manifest *m = s->w->m;
	const char *below;

	if (strcmp(path, s->root_path) == 0)
		return 1;
	if (!s->w->first || !m->git_dir)
		return 0;
	below = manifest_below(m->git_dir, path);
	if (!below && m->common)
		below = manifest_below(m->common, path);
	if (!below)
		return 0;
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
		if (manifest_below(own[i], below))
			return 1;
	return *below == '\0';
}

/*
 * A directory of some of a repository's objects: an older one may have been
 * moved there, with what is in it.
 */
static int
is_fan(const struct shared *s, const char *path)
{
	const char *below =
	    s->w->m->common ? manifest_below(s->w->m->common, path) : NULL;

	return below && strlen(below) == strlen("objects/ab") &&
	       class_is_object(below);
}

/*
 * A directory that no list has, against what git had there at the start: what
 * is gone was removed, and what was there is not new.
 */
static void
compare_with_start(struct part *p, struct inside *in, const uint8_t *tree,
		   size_t n)
{
	struct list_dir now = {.names = p->names.p, .n = p->names.n};
	size_t m, at = 0, id_n = p->s->w->history->objects.id_n;
	struct list_name *is = sort_names(&now, &m), key = {0};
	unsigned mode;

	while (object_next(tree, n, id_n, &at, &key.name, &mode)) {
		struct change_entry *c;

		key.type = S_ISDIR(mode) ? 'd' : 'f';
		if (m == 0 ||
		    !bsearch(&key, is, m, sizeof(*is), compare_names)) {
			add_removed(p, in, &key);
			continue;
		}
		c = find_change(p, in, key.name);
		if (c && c->change == CHANGE_CREATED)
			c->change = CHANGE_CHANGED;
	}
	free(is);
}

/* What the directory's own times, the list and git say of it. */
static enum moved
judge(const struct part *p, const struct inside *in, const struct statx *st,
      int tracked)
{
	const struct shared *s = p->s;

	if (!in->news || was_there(in, st))
		return STAYED;
	if (s->w->first && is_fan(s, in->path))
		return MOVED;
	if (is_at_home(s, in->path))
		return STAYED;
	if (in->before)
		return MOVED;
	if (st->stx_mask & STATX_BTIME && is_new(s, &st->stx_btime))
		return MOVED;
	return tracked || s->w->first ? PERHAPS : MOVED;
}

static void
read_directory(struct part *p, const struct directory *d)
{
	struct inside in = {.path = d->path,
			    .fd = open_directory(p, d->path),
			    .moved = d->moved,
			    .first = p->n};
	uint8_t *tree = NULL;
	size_t tree_n = 0;
	struct statx st;
	enum moved own;

	if (in.fd < 0)
		return;
	if (statx(in.fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		  STATX_BASIC_STATS | STATX_BTIME, &st) < 0) {
		close(in.fd);
		return;
	}
	in.news = is_new(p->s, &st.stx_ctime);
	in.before = list_find(&p->s->w->last, d->path);
	if (in.news && !in.before)
		tree = history_directory(p->s->w->history, d->path, &tree_n);
	own = judge(p, &in, &st, tree != NULL);
	if (own > in.moved)
		in.moved = own;
	p->names.n = 0;
	read_entries(p, &in);
	if (in.news && in.before)
		compare_with_last(p, &in);
	if (tree)
		compare_with_start(p, &in, tree, tree_n);
	else if (own == PERHAPS)
		add_change(p, mem_copy(in.path), CHANGE_CHANGED,
			   WALK_DIRECTORY);
	if (in.git == 7)
		note_bare(p, &in);
	if (in.git == 7 && in.git_news && in.news &&
	    !was_repository(p->s->w->m, in.path))
		add_change(p, mem_copy(in.path), CHANGE_CHANGED,
			   WALK_DIRECTORY | WALK_BARE);
	keep_list(p, &in, &st);
	free(tree);
	close(in.fd);
}

static void *
run_thread(void *arg)
{
	struct part *p = arg;
	struct directory d;
	int finished = 0;

	while (pop(p->s, &d, finished)) {
		read_directory(p, &d);
		free(d.path);
		finished = 1;
	}
	return NULL;
}

/* The start of the run by the clock of the file system; NULL, and why. */
static const struct timespec *
find_mark(struct walk *w, const struct tree *t, int fd, dev_t dev)
{
	const struct mark *marks = t->shared ? w->m->marks : w->m->own_marks;
	size_t n = t->shared ? w->m->nmarks : w->m->nown_marks;
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0)
		for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
			if ((unsigned long)fs.f_type == foreign[i])
				add_why(&w->why,
					mem_printf("the times of '%s' are not "
						   "this computer's",
						   t->path));
	for (size_t i = 0; i < n; i++)
		if (marks[i].dev == dev)
			return &marks[i].time;
	add_why(&w->why,
		mem_printf("the start was not noted on the file system of '%s'",
			   t->path));
	return n > 0 ? &marks[0].time : NULL;
}

/* A tree that is a file. */
static void
take_file(struct shared *s, const struct tree *t)
{
	struct part *p = &s->parts[0];
	char *above =
	    mem_part(t->path, (size_t)(strrchr(t->path, '/') - t->path));
	struct inside in = {
	    .path = above,
	    .fd = open(*above ? above : "/", O_PATH | O_DIRECTORY | O_CLOEXEC),
	    .first = p->n};

	p->names.n = 0;
	if (in.fd >= 0) {
		take_entry(p, &in, strrchr(t->path, '/') + 1);
		close(in.fd);
	}
	free(above);
}

static void
run_threads(struct shared *s)
{
	pthread_t threads[THREADS];
	int started = 1;

	if (pthread_create(&threads[1], NULL, run_thread, &s->parts[1]) != 0)
		started = 0; /* slower, and no less */
	run_thread(&s->parts[0]);
	if (started)
		pthread_join(threads[1], NULL);
}

static void
walk_tree(struct shared *s, const struct tree *t)
{
	struct stat st;

	s->root_path = t->path;
	s->root = open(t->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (s->root < 0 || fstat(s->root, &st) < 0) {
		if (errno != ENOENT || t->kind == TREE_PROJECT)
			add_why(&s->w->why,
				mem_printf("'%s' cannot be read: %s", t->path,
					   strerror(errno)));
		if (s->root >= 0)
			close(s->root);
		return;
	}
	s->mark = find_mark(s->w, t, s->root, st.st_dev);
	if (s->mark && S_ISDIR(st.st_mode)) {
		push(s, mem_copy(t->path), STAYED);
		run_threads(s);
	} else if (s->mark) {
		take_file(s, t);
	}
	close(s->root);
}

/* Whether the tree is in another one that is walked. */
static int
is_within(const struct manifest *m, size_t i)
{
	for (size_t k = 0; k < m->ntrees; k++) {
		const char *below =
		    manifest_below(m->trees[k].path, m->trees[i].path);

		if (k != i && below && (*below || k < i))
			return 1;
	}
	return 0;
}

static void
gather(struct walk *w, struct part *p)
{
	for (size_t i = 0; i < p->n; i++) {
		w->v = mem_room(w->v, w->n, sizeof(*w->v));
		w->v[w->n++] = p->v[i];
	}
	for (size_t i = 0; i < p->why.n; i++)
		add_why(&w->why, p->why.v[i]);
	for (size_t i = 0; i < p->bare.n; i++)
		strv_push(&w->bare, p->bare.v[i]);
	w->uncounted += p->uncounted;
	w->seen += p->seen;
	if (p->list.n > 0)
		list_add_bytes(&w->list,
			       p->list.p + (w->list.n ? LIST_HEADER : 0),
			       p->list.n - (w->list.n ? LIST_HEADER : 0));
	for (size_t i = 0; i < p->nested.n; i++)
		strv_push(&w->nested, p->nested.v[i]);
	free(p->v);
	free(p->nested.v);
	free(p->bare.v);
	free(p->why.v);
	free(p->list.p);
	free(p->names.p);
}

static int
compare_texts(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

void
walk_trees(struct walk *w)
{
	struct shared s = {.w = w,
			   .lock = PTHREAD_MUTEX_INITIALIZER,
			   .changed = PTHREAD_COND_INITIALIZER,
			   .parts = mem_alloc(THREADS * sizeof(*s.parts))};

	for (int i = 0; i < THREADS; i++)
		s.parts[i].s = &s;
	for (size_t i = 0; i < w->m->ntrees; i++)
		if (!is_within(w->m, i))
			walk_tree(&s, &w->m->trees[i]);
	if (s.full)
		add_why(&w->why, mem_copy("there are too many directories"));
	for (int i = 0; i < THREADS; i++)
		gather(w, &s.parts[i]);
	if (w->uncounted)
		add_why(&w->why,
			mem_printf("%llu more changes are counted only",
				   w->uncounted));
	if (w->bare.n > 0)
		qsort(w->bare.v, w->bare.n, sizeof(*w->bare.v), compare_texts);
	free(s.parts);
	free(s.stack);
}

const char *
walk_repository(const struct walk *w, const char *path)
{
	char *at = mem_copy(path), *slash;
	char **found = NULL;

	while (w->bare.n > 0 && *at && !found) {
		found = bsearch(&at, w->bare.v, w->bare.n, sizeof(at),
				compare_texts);
		slash = strrchr(at, '/');
		*(slash ? slash : at) = '\0';
	}
	free(at);
	return found ? *found : NULL;
}
