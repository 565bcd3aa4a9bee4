#include "pen-review/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/sha.h"
#include "pen-review/host.h"
#include "pen-review/place.h"

#define LOG "log.jsonl"
#define LOG_MAX ((size_t)64 << 20)

void
undo_begin(struct undo *u, const struct project *p)
{
	*u = (struct undo){.p = p, .dir = -1, .log = -1};
}

static int
start(struct undo *u)
{
	if (u->log >= 0)
		return 0;
	u->dir = place_make(u->p);
	if (u->dir < 0)
		return -1;
	u->log =
	    openat(u->dir, LOG,
		   O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	return u->log < 0 ? -1 : 0;
}

/* Writes a step down.  0, or -1 with errno, where nothing may be done. */
static int
write_step(struct undo *u, const json_t *entry)
{
	char *text = json_dumps(entry, JSON_COMPACT), *line;
	int bad;

	if (!text)
		die(ERR_TOOL, "out of memory");
	line = mem_join(text, "\n");
	bad = fd_write_all(u->log, line, strlen(line)) < 0 ||
	      fdatasync(u->log) < 0 || (u->n == 0 && place_take(u->p) < 0);
	free(text);
	free(line);
	u->n += !bad;
	return bad ? -1 : 0;
}

static json_t *
mode_as_json(mode_t mode)
{
	return json_integer((json_int_t)mode);
}

/* Writes the text to a file of the keep, and its name to the entry. */
static int
store(struct undo *u, json_t *entry, const char *key, const char *text,
      size_t n)
{
	char *name = mem_printf("%zu-%s", u->n, key);
	int bad = beneath_write(u->dir, name, text, n, 0600) < 0;

	if (!bad)
		json_object_set_new(entry, key, json_string(name));
	free(name);
	return bad ? -1 : 0;
}

char *
undo_print(const void *text, size_t n)
{
	char sha[2 * SHA256_SIZE + 1];

	if (!text)
		return mem_copy("none");
	sha256_text(text, n, sha);
	return mem_copy(sha);
}

char *
undo_print_link(const char *link)
{
	return mem_printf("link %s", link ? link : "");
}

/* The host's file in a word: to be compared.  The caller frees it. */
static char *
fingerprint(const struct project *p, const char *path)
{
	struct stat st;
	char *text, *print;
	size_t n;

	if (host_stat(p, path, &st) < 0)
		return undo_print(NULL, 0);
	text = S_ISLNK(st.st_mode) ? host_readlink(p, path)
				   : host_read(p, path, &n, &st);
	print = !text		      ? mem_copy("other")
		: S_ISLNK(st.st_mode) ? undo_print_link(text)
				      : undo_print(text, n);
	free(text);
	return print;
}

static int
save_host(struct undo *u, json_t *entry, const char *path)
{
	struct stat st;
	size_t n;
	char *text, *link;
	int bad = 0;

	if (host_stat(u->p, path, &st) < 0)
		return errno == ENOENT ? 0 : -1;
	json_object_set_new(entry, "mode", mode_as_json(st.st_mode));
	if (S_ISLNK(st.st_mode)) {
		link = host_readlink(u->p, path);
		bad = !link ||
		      json_object_set_new(entry, "link", json_string(link)) < 0;
		free(link);
		return bad ? -1 : 0;
	}
	text = host_read(u->p, path, &n, &st);
	bad = !text || store(u, entry, "host", text, n) < 0;
	free(text);
	return bad ? -1 : 0;
}

/* What is said of the draft; its files are for the caller. */
static void
describe_draft(json_t *entry, const struct drafts *d, const struct draft *draft)
{
	json_object_set_new(entry, "whose", json_string(draft->whose));
	json_object_set_new(entry, "host-path", json_string(draft->host));
	json_object_set_new(entry, "type", json_integer(draft->type));
	json_object_set_new(entry, "draft-mode", mode_as_json(draft->mode));
	json_object_set(entry, "note", json_object_get(d->base, draft->path));
	if (draft->link)
		json_object_set_new(entry, "draft-link",
				    json_string(draft->link));
}

/* Its files, and the undo's: the draft's is in its own place. */
static const char *const places[] = {NULL, "host"};
static const char *const keys[] = {"draft", "base"};

static int
copy_draft(struct undo *u, json_t *entry, const struct drafts *d,
	   const struct draft *draft)
{
	int bad = 0;

	describe_draft(entry, d, draft);
	for (int i = 0; !bad && i < 2 && draft->type == DRAFT_FILE; i++) {
		size_t n;
		char *text = drafts_text(d, i ? places[i] : draft->whose,
					 draft->path, &n);

		if (text)
			bad = store(u, entry, keys[i], text, n) < 0;
		free(text);
	}
	return bad ? -1 : 0;
}

int
undo_save(struct undo *u, const struct drafts *d, const struct draft *draft,
	  const char *after)
{
	json_t *entry = json_object(), *name = json_string(draft->path);
	char *was = fingerprint(u->p, draft->host);
	int bad = -1;

	if (!name)
		errno = EILSEQ; /* no name that the log could have */
	else if (start(u) == 0) {
		json_object_set_new(entry, "path", name);
		json_object_set_new(entry, "was", json_string(was));
		json_object_set_new(entry, "now", json_string(after));
		bad = copy_draft(u, entry, d, draft) < 0 ||
		      save_host(u, entry, draft->host) < 0 ||
		      write_step(u, entry) < 0;
	}
	free(was);
	json_decref(entry);
	return bad ? -1 : 0;
}

/* The draft's files become the undo's: that needs no room. */
static void
move_draft(struct undo *u, size_t step, const struct draft *draft)
{
	for (int i = 0; i < 2; i++) {
		char *from = mem_printf(
		    "draft/%s%s", i ? places[i] : draft->whose, draft->path);
		char *to = mem_printf("%zu-%s", step, keys[i]);
		const char *name;
		int fd = beneath_parent(u->p->state, from, &name);

		if (fd >= 0) {
			renameat(fd, name, u->dir, to);
			close(fd);
		}
		free(from);
		free(to);
	}
}

void
undo_save_draft(struct undo *u, const struct drafts *d,
		const struct draft *draft, const char *left)
{
	json_t *entry = json_object(), *name = json_string(draft->path);
	char *print = undo_print(left, left ? strlen(left) : 0);
	int bad = !name || start(u) < 0;

	if (!bad) {
		json_object_set_new(entry, "path", name);
		json_object_set_new(entry, "left", json_string(print));
		if (left) {
			bad = copy_draft(u, entry, d, draft) < 0;
		} else {
			describe_draft(entry, d, draft);
			for (int i = 0; i < 2; i++)
				json_object_set_new(
				    entry, keys[i],
				    json_sprintf("%zu-%s", u->n, keys[i]));
		}
		bad = bad || write_step(u, entry) < 0;
	}
	if (bad)
		err_warn("that '%s' is dropped cannot be undone: %m",
			 draft->path);
	else if (!left)
		move_draft(u, u->n - 1, draft);
	free(print);
	json_decref(entry);
}

void
undo_end(struct undo *u)
{
	if (u->log >= 0)
		close(u->log);
	if (u->dir >= 0)
		close(u->dir);
	if (u->dir >= 0 && u->n == 0)
		place_leave(u->p);
}

static const char *
text_of(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static char *
load(int dir, const json_t *entry, const char *key, size_t *n)
{
	const char *name = text_of(entry, key);

	return name ? beneath_read(dir, name, DRAFT_MAX, n, NULL) : NULL;
}

static int
restore_host(const struct project *p, int dir, const json_t *entry,
	     const char *path)
{
	const char *host = text_of(entry, "host"),
		   *link = text_of(entry, "link");
	mode_t mode =
	    (mode_t)json_integer_value(json_object_get(entry, "mode"));
	size_t n;
	char *text;
	int bad;

	if (link)
		return host_link(p, path, link);
	if (!host)
		return host_remove(p, path);
	text = load(dir, entry, "host", &n);
	bad = !text || host_write(p, path, text, n, mode) < 0;
	free(text);
	return bad ? -1 : 0;
}

/* In which place the step's draft is. */
static const char *
whose_of(const json_t *entry)
{
	const char *whose = text_of(entry, "whose");

	return whose && strcmp(whose, "aside") == 0 ? "aside" : "tree";
}

/* Whether the draft of path is the one that the step left, or began with. */
static int
is_as_left(struct drafts *d, const json_t *entry, const char *before, size_t n)
{
	const char *path = text_of(entry, "path"),
		   *left = text_of(entry, "left");
	size_t k;
	char *now = drafts_text(d, whose_of(entry), path, &k), *print;
	int same;

	if (!now)
		return errno == ENOENT;
	print = undo_print(now, k);
	same = (left && strcmp(print, left) == 0) ||
	       (before && n == k && memcmp(before, now, n) == 0);
	free(now);
	free(print);
	return same;
}

static int
restore_draft(struct drafts *d, int dir, const json_t *entry)
{
	const char *path = text_of(entry, "path"),
		   *link = text_of(entry, "draft-link");
	mode_t mode =
	    (mode_t)json_integer_value(json_object_get(entry, "draft-mode"));
	json_int_t type = json_integer_value(json_object_get(entry, "type"));
	size_t n, k;
	char *text = load(dir, entry, "draft", &n),
	     *base = load(dir, entry, "base", &k);
	int bad = 0;

	if (!is_as_left(d, entry, text, n)) {
		err_warn("a run changed the draft of '%s' since: it stays as "
			 "it is",
			 path);
		free(text);
		free(base);
		return -1;
	}
	drafts_remove(d, whose_of(entry), path);
	if (text)
		bad = drafts_write(d, whose_of(entry), path, text, n, mode) < 0;
	else if (type == DRAFT_REMOVED || link)
		bad = drafts_put(d, path, link) < 0;
	if (base)
		bad |= drafts_write(d, "host", path, base, k, 0600) < 0;
	if (json_object_get(entry, "note"))
		json_object_set(d->base, path, json_object_get(entry, "note"));
	if (bad)
		err_warn("the draft of '%s' could not be put back: %m", path);
	free(text);
	free(base);
	return bad ? -1 : 0;
}

/* 0, or 1 where something was changed since. */
static int
undo_one(struct drafts *d, int dir, const json_t *entry)
{
	const char *path = text_of(entry, "path"), *was = text_of(entry, "was"),
		   *after = text_of(entry, "now"),
		   *host = text_of(entry, "host-path");
	char *now;
	int as_was, same;

	if (!path || *path != '/' || !host || *host != '/')
		return 0;
	if (after) {
		now = fingerprint(d->p, host);
		as_was = was && strcmp(now, was) == 0;
		same = strcmp(now, after) == 0;
		free(now);
		if (!same && !as_was) {
			err_warn("'%s' was changed since: it stays as it is",
				 host);
			return 1;
		}
		if (!as_was && restore_host(d->p, dir, entry, host) < 0) {
			err_warn("cannot put '%s' back: %m", host);
			return 1;
		}
	}
	return restore_draft(d, dir, entry) < 0;
}

/* The steps of the log; one that was not written whole was not made. */
static json_t *
read_log(int dir)
{
	size_t n;
	char *text = dir < 0 ? NULL : beneath_read(dir, LOG, LOG_MAX, &n, NULL);
	char *rest = text, *line;
	json_t *log = json_array(), *entry;

	while ((line = strsep(&rest, "\n")) &&
	       (entry = json_loads(line, 0, NULL)))
		json_array_append_new(log, entry);
	free(text);
	return log;
}

int
undo_run(struct drafts *d)
{
	int bad = 0, dir = place_open(d->p);
	json_t *log = read_log(dir);

	if (json_array_size(log) == 0)
		return -1;
	for (size_t i = json_array_size(log); i > 0; i--)
		bad += undo_one(d, dir, json_array_get(log, i - 1));
	drafts_save(d);
	json_decref(log);
	close(dir);
	if (bad == 0)
		place_remove(d->p);
	return bad;
}
