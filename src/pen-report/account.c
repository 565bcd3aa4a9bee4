#include "pen-report/account.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "pen-report/class.h"
#include "pen-report/package.h"

/* Reasons why it is not whole, at most. */
#define WHY_MAX 64

char *
account_shown(const struct manifest *m, const char *path)
{
	const char *below = manifest_below(m->root, path);

	if (below)
		return mem_copy(*below ? below : ".");
	below = manifest_below(m->home, path);
	return below ? mem_printf("~/%s", below) : mem_copy(path);
}

struct account_entry *
account_add(struct account *a, const char *path, enum change change,
	    enum account_class class, const char *by)
{
	a->v = mem_room(a->v, a->n, sizeof(*a->v));
	a->v[a->n] = (struct account_entry){.path = account_shown(a->m, path),
					    .change = change,
					    .class = class,
					    .by = by};
	return &a->v[a->n++];
}

/* The tree that path is in. */
static const struct tree *
tree_of(const struct manifest *m, const char *path)
{
	const struct tree *found = NULL;

	for (size_t i = 0; i < m->ntrees; i++)
		if (manifest_below(m->trees[i].path, path) &&
		    (!found || strlen(m->trees[i].path) > strlen(found->path)))
			found = &m->trees[i];
	return found;
}

/* What an agent executes or obeys, in its state. */
static int
is_obeyed_state(const char *below)
{
	static const char *const names[] = {"hooks/",
					    "hooks.json",
					    "commands/",
					    "agents/",
					    "skills/",
					    "plugins/",
					    "rules/",
					    "prompts/",
					    "extensions/",
					    "bin/",
					    "output-styles/",
					    "settings.json",
					    "settings.local.json",
					    "remote-settings.json",
					    "managed_config.toml",
					    "config.toml",
					    "config.json",
					    "opencode.json",
					    "mcp.json",
					    "CLAUDE.md",
					    "AGENTS.md",
					    "AGENTS.override.md",
					    "GEMINI.md",
					    ".env",
					    "keybindings.json",
					    "tools/",
					    "packages/",
					    "agent-memory/",
					    "memories/",
					    "local/"};
	const char *project =
	    strncmp(below, "projects/", 9) == 0 ? strchr(below + 9, '/') : NULL;
	size_t n = strlen(below);

	/* what every session of a project is told, be it another one */
	if (project && strncmp(project, "/memory/", 8) == 0 && project[8])
		return 1;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t k = strlen(names[i]);

		if (names[i][k - 1] == '/' ? strncmp(below, names[i], k) == 0
					   : strcmp(below, names[i]) == 0)
			return 1;
	}
	/* a script: settings may name it */
	return n > 3 && strcmp(below + n - 3, ".sh") == 0 &&
	       !strchr(below, '/');
}

/*
 * The root, where it became one: all of it is source, and only what git reads
 * is git's.
 */
static struct obeyer
class_of_bare(const char *below)
{
	struct obeyer c = class_of_git(below);

	return c.obeyed == OBEYED_ASKED ? class_of(below) : c;
}

/* By the name: shown is path, with "/" behind it for a directory. */
static struct obeyer
classify_name(const struct walk *w, const struct tree *t, const char *path,
	      const char *shown)
{
	const char *git = walk_repository(w, path);
	const char *below = t ? manifest_below(t->path, shown) : shown;

	if (git && strstr(git, "/.git"))
		return class_of_git(manifest_below(git, shown));
	if (git)
		return class_of_bare(manifest_below(git, shown));
	if (!t || t->kind != TREE_STATE)
		return class_of(below);
	if (!is_obeyed_state(below))
		return (struct obeyer){OBEYED_NOT, NULL};
	return (struct obeyer){OBEYED_TOLD,
			       w->m->agent ? w->m->agent : "the agent"};
}

/* Files that git's configuration names in a command, and their like. */
static const char *
find_obeyed(const struct manifest *m, const char *path)
{
	for (size_t i = 0; i < m->nobeyed; i++)
		if (manifest_below(m->obeyed[i].path, path))
			return m->obeyed[i].by;
	return NULL;
}

static struct obeyer
classify(const struct walk *w, const char *path, unsigned flags)
{
	const char *by = find_obeyed(w->m, path);
	struct obeyer c;
	char *shown;

	if (flags & WALK_DEVICE)
		return (struct obeyer){OBEYED_TOLD, "whoever opens it"};
	if (flags & WALK_OVERLAY)
		return (struct obeyer){OBEYED_TOLD, "the next pen"};
	if (flags & WALK_BARE)
		return (struct obeyer){OBEYED_TOLD, "git"};
	if (flags & (WALK_SETID | WALK_KEPT_SETID))
		return (struct obeyer){OBEYED_TOLD, "whoever executes it"};
	if (by)
		return (struct obeyer){OBEYED_TOLD, by};
	if (flags & WALK_FORGED)
		return (struct obeyer){OBEYED_TOLD, "git"};
	shown = flags & WALK_DIRECTORY ? mem_join(path, "/") : mem_copy(path);
	c = classify_name(w, tree_of(w->m, path), path, shown);
	free(shown);
	if (flags & WALK_HIDDEN)
		return (struct obeyer){OBEYED_TOLD, c.by ? c.by : "git"};
	/* git makes none among its data */
	if (c.obeyed == OBEYED_GIT && flags & WALK_LINK)
		c.obeyed = OBEYED_TOLD;
	return c;
}

/*
 * Whether git itself makes a git directory at path: as ".git" in a tree, and of
 * a submodule in another one, not among the data of that.
 */
static int
is_gits_own(const struct walk *w, const char *path)
{
	const char *name = strrchr(path, '/'), *git, *below, *below_root;
	char *above;

	if (!strstr(path, "/.git"))
		return 0;
	above = mem_part(path, (size_t)(name - path));
	git = walk_repository(w, above);
	below = git ? manifest_below(git, path) : NULL;
	free(above);
	/* the root's was none when the run began */
	below_root = manifest_below(w->m->root, path);
	if (!w->m->git_dir && below_root && strcmp(below_root, ".git") == 0)
		return 0;
	if (strcmp(name, "/.git") == 0)
		return !git || !strstr(git, "/.git");
	return below && strncmp(below, "modules/", 8) == 0;
}

static const char *
note_of(unsigned flags)
{
	return flags & WALK_DEVICE	 ? "a device"
	       : flags & WALK_FORGED	 ? "not what its name says"
	       : flags & WALK_HIDDEN	 ? "git status does not show it"
	       : flags & WALK_KEPT_SETID ? "has a set-ID bit"
	       : flags & WALK_SETID	 ? "had a set-ID bit, which was removed"
	       : flags & WALK_OVERLAY	 ? "has attributes that overlayfs obeys"
	       : flags & WALK_BARE	 ? "git takes it for a repository now"
	       : flags & WALK_SPECIAL	 ? "a FIFO or a socket"
	       : flags & WALK_LINK	 ? "a symbolic link"
	       : flags & WALK_MOVED	 ? "below a directory that is new there"
					 : NULL;
}

/* Objects of one repository are one entry: their names say nothing. */
static int
is_object(const char *path, const char **objects)
{
	const char *at = path;

	while ((at = strstr(at, "objects/"))) {
		if ((at == path || at[-1] == '/') && class_is_object(at)) {
			*objects = at;
			return 1;
		}
		at++;
	}
	return 0;
}

static void
add_objects(struct account *a, char *path, const char *objects)
{
	size_t n = (size_t)(objects - path) + strlen("objects/");
	struct account_entry *last = a->n > 0 ? &a->v[a->n - 1] : NULL;
	char *dir = mem_part(path, n), *shown = account_shown(a->m, dir);

	/* entries of one directory follow each other, more or less */
	if (!last || strcmp(last->path, shown) != 0)
		account_add(a, dir, CHANGE_CHANGED, ACCOUNT_CHANGED, "git");
	free(dir);
	free(shown);
}

#define PACKAGE_MAX ((size_t)1 << 20)

/* Whether it is a package.json with something new that runs unasked. */
static int
is_package_news(const struct walk *w, const struct change_entry *c)
{
	const char *name = strrchr(c->path, '/') + 1;
	char *was, *is;
	int root, news;
	size_t n;

	if (strcmp(name, "package.json") != 0 || c->change == CHANGE_REMOVED ||
	    strstr(c->path, "/node_modules/"))
		return 0;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	is = beneath_read(root, c->path + 1, PACKAGE_MAX, &n, NULL);
	was = history_text(w->history, c->path);
	news = is && package_has_news(was, is);
	free(is);
	free(was);
	close(root);
	return news;
}

/*
 * Git reads attributes beside files that it looks at; it looks at no package
 * that npm installs, and several of them bring such a file.
 */
static int
is_of_a_package(const char *path)
{
	const char *at = strstr(path, "/node_modules/");

	return at && strcmp(strrchr(path, '/') + 1, ".gitattributes") == 0;
}

#define TOLD_MAX ((size_t)1 << 20)

/*
 * Whether it is as it was committed at the start, or the run only switched to a
 * branch of the host's that has it so.
 */
static int
is_of_branch(const struct walk *w, const struct change_entry *c)
{
	int root, same;
	struct stat st;
	char *text;
	size_t n;

	if (c->flags & ~(unsigned)WALK_BORN)
		return 0;
	if (c->change == CHANGE_REMOVED)
		return history_has(w->history, c->path, NULL, 0, 0);
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	text = beneath_read(root, c->path + 1, TOLD_MAX, &n, &st);
	same = text && (history_had(w->history, c->path, text, n, st.st_mode) ||
			history_has(w->history, c->path, text, n, st.st_mode));
	free(text);
	close(root);
	return same;
}

static void
take_change(struct account *a, const struct walk *w, struct change_entry *c)
{
	struct obeyer class = classify(w, c->path, c->flags);
	struct account_entry *e;
	const char *objects, *note = note_of(c->flags);

	if (c->flags & WALK_BARE && is_gits_own(w, c->path))
		return;
	if (class.obeyed == OBEYED_GIT && is_object(c->path, &objects)) {
		add_objects(a, c->path, objects);
		return;
	}
	e = account_add(a, c->path, c->change,
			class.obeyed == OBEYED_TOLD ||
				class.obeyed == OBEYED_ASKED
			    ? ACCOUNT_OBEYED
			    : ACCOUNT_CHANGED,
			class.by);
	e->directory = (c->flags & WALK_DIRECTORY) != 0;
	e->way = e->directory && c->change <= CHANGE_CHANGED &&
		 !(c->flags & (WALK_BARE | WALK_OVERLAY));
	/* where the first run cannot tell what was moved, only the list does */
	e->tell = class.obeyed == OBEYED_TOLD && !is_of_a_package(c->path) &&
		  !is_of_branch(w, c) &&
		  (!(w->first && c->flags & WALK_MOVED) ||
		   c->flags & (WALK_FORGED | WALK_HIDDEN));
	if (class.obeyed == OBEYED_ASKED && is_package_news(w, c)) {
		e->tell = 1;
		note = "scripts that run at an install or a commit";
	}
	if (note)
		e->note = mem_copy(note);
	if (c->old)
		e->old = account_shown(a->m, c->old);
}

static int
by_inode(const void *a, const void *b)
{
	const struct change_entry *const *x = a, *const *y = b;

	return (*x)->ino < (*y)->ino ? -1 : (*x)->ino > (*y)->ino;
}

/* What is gone here and is new there is a rename. */
static void
join_renames(struct walk *w)
{
	struct change_entry **gone = NULL;
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].change == CHANGE_REMOVED) {
			gone = mem_room(gone, n, sizeof(*gone));
			gone[n++] = &w->v[i];
		}
	if (n > 0)
		qsort(gone, n, sizeof(*gone), by_inode);
	for (size_t i = 0; n > 0 && i < w->n; i++) {
		struct change_entry *c = &w->v[i], **found;

		if (c->change != CHANGE_CREATED || c->flags & WALK_BORN)
			continue;
		found = bsearch(&c, gone, n, sizeof(*gone), by_inode);
		if (found && (*found)->path) {
			c->change = CHANGE_RENAMED;
			c->old = (*found)->path;
			(*found)->path = NULL;
		}
	}
	free(gone);
}

void
account_take_walk(struct account *a, struct walk *w)
{
	join_renames(w);
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].path)
			take_change(a, w, &w->v[i]);
	a->uncounted = w->uncounted;
	for (size_t i = 0; i < w->why.n && a->why.n < WHY_MAX; i++)
		strv_push(&a->why, w->why.v[i]);
}

/* What is in a directory follows it: "/" is before any other byte. */
static int
compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == '/' || *b == '/')
		return *a == *b	    ? 0
		       : !*a || !*b ? (*a ? 1 : -1)
		       : *a == '/'  ? -1
				    : 1;
	return (unsigned char)*a - (unsigned char)*b;
}

static int
by_path(const void *a, const void *b)
{
	const struct account_entry *x = a, *y = b;
	int r = compare_paths(x->path, y->path);

	if (r == 0 && x->key && y->key)
		return strcmp(x->key, y->key);
	if (r == 0 && (x->ref || y->ref))
		return strcmp(x->ref ? x->ref : "", y->ref ? y->ref : "");
	return r ? r : (int)x->class - (int)y->class;
}

/* Whether the directory e is only the way to the next entry. */
static int
is_way(const struct account_entry *e, const struct account_entry *next)
{
	size_t n = strlen(e->path);

	return e->way && strncmp(next->path, e->path, n) == 0 &&
	       next->path[n] == '/';
}

void
account_finish(struct account *a)
{
	size_t n = 0;

	if (a->n > 0)
		qsort(a->v, a->n, sizeof(*a->v), by_path);
	for (size_t i = 0; i < a->n; i++) {
		struct account_entry *e = &a->v[i];
		int same = n > 0 && !e->key && by_path(&a->v[n - 1], e) == 0;

		if (same) {
			a->v[n - 1].tell |= e->tell;
			if (!a->v[n - 1].note)
				a->v[n - 1].note = e->note;
			continue;
		}
		if (i + 1 < a->n && is_way(e, &a->v[i + 1])) {
			a->v[i + 1].tell |= e->tell;
			continue;
		}
		if (e->class == ACCOUNT_CHANGED)
			a->others++;
		a->v[n++] = *e;
	}
	a->n = n;
	a->others += a->uncounted;
}

int
account_holds(const struct account *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].class == ACCOUNT_HELD && a->v[i].tell)
			return 1;
	return 0;
}

/* JSON takes UTF-8 only: other bytes are made visible, \xNN. */
static void
print_string(FILE *f, const char *s)
{
	size_t n = strlen(s);
	char *seen = NULL;

	for (const char *p = s; *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e) {
			seen = mem_alloc(4 * n + 5);
			s = err_visible(seen, 4 * n + 5, s, n);
			break;
		}
	putc('"', f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putc('\\', f);
		putc(*s, f);
	}
	putc('"', f);
	free(seen);
}

static void
print_member(FILE *f, const char *key, const char *value)
{
	if (!value)
		return;
	fprintf(f, ",\"%s\":", key);
	print_string(f, value);
}

/* The exact bytes of a name that is not shown as it is. */
static void
print_bytes(FILE *f, const char *path)
{
	size_t n = strlen(path), room = 4 * n + 5;
	char *seen = mem_alloc(room);

	if (strcmp(err_visible(seen, room, path, n), path) != 0) {
		fputs(",\"bytes\":\"", f);
		for (const char *p = path; *p; p++)
			fprintf(f, "%02x", (unsigned char)*p);
		putc('"', f);
	}
	free(seen);
}

static void
print_entry(FILE *f, const struct account_entry *e)
{
	static const char *const changes[] = {"created", "changed", "removed",
					      "renamed", "held"};
	static const char *const classes[] = {"held", "obeyed", "changed"};
	char *dir = e->directory && strcmp(e->path, ".") != 0
			? mem_join(e->path, "/")
			: NULL;

	fputs("{\"path\":", f);
	print_string(f, dir ? dir : e->path);
	fprintf(f, ",\"change\":\"%s\",\"class\":\"%s\"", changes[e->change],
		classes[e->class]);
	print_member(f, "by", e->by);
	print_member(f, "key", e->key);
	print_member(f, "old", e->old);
	print_member(f, "note", e->note);
	print_member(f, "ref", e->ref);
	print_bytes(f, e->path);
	putc('}', f);
	free(dir);
}

static void
print_refused(FILE *f, const struct account *a)
{
	fputs("],\"refused\":[", f);
	for (size_t i = 0; i < a->nrefused; i++) {
		fputs(i ? ",{\"name\":" : "{\"name\":", f);
		print_string(f, a->refused[i].name);
		fprintf(f, ",\"times\":%llu", a->refused[i].times);
		print_member(f, "option", a->refused[i].allow);
		print_member(f, "why", a->refused[i].why);
		putc('}', f);
	}
	fputs("],\"pushed\":[", f);
	for (size_t i = 0; i < a->pushed.n; i++) {
		fputs(i ? "," : "", f);
		print_string(f, a->pushed.v[i]);
	}
	putc(']', f);
}

char *
account_text(const struct account *a, size_t *n)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, n);
	size_t counts[3] = {0};

	if (!f)
		die(ERR_TOOL, "out of memory");
	fputs("{\"version\":1,\"run\":", f);
	print_string(f, a->m->run);
	fprintf(f, ",\"whole\":%s,\"why\":[", a->why.n ? "false" : "true");
	for (size_t i = 0; i < a->why.n; i++) {
		fputs(i ? "," : "", f);
		print_string(f, a->why.v[i]);
	}
	fputs("],\"entries\":[", f);
	for (size_t i = 0; i < a->n; i++) {
		fputs(i ? ",\n" : "\n", f);
		print_entry(f, &a->v[i]);
		counts[a->v[i].class]++;
	}
	print_refused(f, a);
	fprintf(f,
		",\"counts\":{\"held\":%zu,\"obeyed\":%zu,\"changed\":%llu}}\n",
		counts[0], counts[1], a->others);
	if (fclose(f) != 0)
		die(ERR_TOOL, "out of memory");
	return text;
}
