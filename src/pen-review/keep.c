#include "pen-review/keep.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/sha.h"
#include "pen-review/host.h"

static int
refuse(const struct draft *draft, const char *why)
{
	err_warn("'%s' is not kept: %s", draft->shown, why);
	return -1;
}

static int
refuse_error(const struct draft *draft)
{
	return refuse(draft, errno == ELOOP    ? "a symbolic link is in the way"
			     : errno == EILSEQ ? "its name is not UTF-8"
					       : strerror(errno));
}

static int
refuse_change(const struct draft *draft)
{
	refuse(draft, "the host's file was changed meanwhile");
	err_hint("pen-review without options shows it against what the host "
		 "has now");
	return -1;
}

/*
 * The mode that the file had; that it can be executed is a part of the draft.
 * A new file's is the draft's, as the umask has it.
 */
static mode_t
mode_of(const struct draft *draft, const struct stat *host)
{
	mode_t x = draft->mode & 0111;

	if (!host)
		return (draft->mode & 0100) ? 0755 : 0644;
	return (host->st_mode & 0666) | (x ? (host->st_mode & 0444) >> 2 : 0);
}

static mode_t
masked(mode_t mode)
{
	mode_t mask = umask(077);

	umask(mask);
	return mode & ~mask;
}

/* The draft takes the place of a file or of nothing. */
static int
keep_file(struct drafts *d, struct draft *draft, int seen, struct undo *u)
{
	struct stat st;
	size_t n = 0, k;
	char *host = host_read(d->p, draft->host, &n, &st), *text, *after;
	int bad;

	if (!host && errno != ENOENT)
		return refuse_error(draft);
	if (!seen && !drafts_is_current(draft, host, n)) {
		free(host);
		return refuse_change(draft);
	}
	text = drafts_text(d, draft->whose, draft->path, &k);
	after = undo_print(text, k);
	bad = !text || undo_save(u, d, draft, after) < 0 ||
	      host_write(d->p, draft->host, text, k,
			 host ? mode_of(draft, &st)
			      : masked(mode_of(draft, NULL))) < 0;
	free(text);
	free(host);
	free(after);
	if (bad)
		return refuse_error(draft);
	return drafts_remove(d, draft->whose, draft->path);
}

/* A link, or a removal: what the host has there is a file, a link or nothing.
 */
static int
keep_other(struct drafts *d, struct draft *draft, int seen, struct undo *u)
{
	struct stat st;
	size_t n = 0;
	char *host = host_read(d->p, draft->path, &n, NULL), *after;
	int current = drafts_is_current(draft, host, n);
	int there = host_stat(d->p, draft->path, &st) == 0, bad;

	free(host);
	if (there && S_ISDIR(st.st_mode))
		return refuse(draft, "the host has a directory there: remove "
				     "it yourself, and drop this");
	if (!seen && !current && there && !S_ISLNK(st.st_mode))
		return refuse_change(draft);
	after = draft->type == DRAFT_REMOVED ? undo_print(NULL, 0)
					     : undo_print_link(draft->link);
	bad = undo_save(u, d, draft, after) < 0 ||
	      (draft->type == DRAFT_REMOVED
		   ? host_remove(d->p, draft->path)
		   : host_link(d->p, draft->path, draft->link)) < 0;
	free(after);
	if (bad)
		return refuse_error(draft);
	return drafts_remove(d, draft->whose, draft->path);
}

/* The text in which the keys that are kept are as in from. */
static char *
take_keys(const struct draft *draft, const char *text, const char *from,
	  const char *key)
{
	char *out = mem_copy(text);

	for (size_t i = 0; out && i < draft->keys.n; i++) {
		const char *name = draft->keys.v[i].name;
		char *next;

		if (key && strcmp(key, name) != 0)
			continue;
		next = keys_take(draft->rules, out, from, name);
		free(out);
		out = next;
	}
	return out;
}

/* What the host's file is now stands for the draft's rest. */
static int
settle(struct drafts *d, struct draft *draft, const char *base,
       const char *text, mode_t mode)
{
	json_t *note = json_object_get(d->base, draft->path);
	char sha[2 * SHA256_SIZE + 1], *host;
	struct keys left;
	size_t n;
	int bad;

	if (keys_read(&left, draft->rules, base, text) < 0)
		return refuse(draft, "its keys are not understood");
	if (left.n == 0)
		return drafts_remove(d, draft->whose, draft->path);
	keys_free(&left);
	host = host_read(d->p, draft->path, &n, NULL);
	if (host)
		sha256_text(host, n, sha);
	json_object_set_new(note, "sha256",
			    host ? json_string(sha) : json_null());
	free(host);
	bad =
	    drafts_write(d, "host", draft->path, base, strlen(base), 0600) <
		0 ||
	    drafts_write(d, "tree", draft->path, text, strlen(text), mode) < 0;
	return bad ? refuse_error(draft) : 0;
}

/* The three texts of a file that is decided by key. */
struct texts {
	char *host, *base, *draft;
	struct stat st;
	int there; /* the host has it */
};

static int
read_texts(const struct drafts *d, const struct draft *draft, struct texts *t)
{
	size_t n;

	t->host = host_read(d->p, draft->path, &n, &t->st);
	t->there = t->host != NULL;
	if (!t->host && errno != ENOENT)
		return -1;
	if (!t->host)
		t->host = mem_copy("");
	t->base = drafts_text(d, "host", draft->path, &n);
	t->draft = drafts_text(d, "tree", draft->path, &n);
	return t->base && t->draft ? 0 : -1;
}

static void
free_texts(struct texts *t)
{
	free(t->host);
	free(t->base);
	free(t->draft);
}

static int
keep_keys(struct drafts *d, struct draft *draft, const char *key, int seen,
	  struct undo *u)
{
	struct texts t = {0};
	char *as_was = NULL, *host = NULL, *base = NULL, *after;
	int bad = read_texts(d, draft, &t) < 0;

	if (!bad) {
		as_was = take_keys(draft, t.host, t.base, key);
		host = take_keys(draft, t.host, t.draft, key);
		base = take_keys(draft, t.base, t.draft, key);
	}
	after = undo_print(host, host ? strlen(host) : 0);
	if (!as_was || !host || !base) {
		bad = refuse(draft, "its keys are not understood");
	} else if (!seen && strcmp(as_was, t.host) != 0) {
		bad = refuse_change(draft);
	} else if (undo_save(u, d, draft, after) < 0 ||
		   host_write(d->p, draft->path, host, strlen(host),
			      t.there ? t.st.st_mode : masked(0644)) < 0) {
		bad = refuse_error(draft);
	} else {
		bad = settle(d, draft, base, t.draft, draft->mode);
	}
	free_texts(&t);
	free(as_was);
	free(host);
	free(base);
	free(after);
	return bad ? -1 : 0;
}

int
keep_draft(struct drafts *d, struct draft *draft, const char *key, int seen,
	   struct undo *u)
{
	if (draft->type == DRAFT_OTHER)
		return refuse(draft, "it is no file");
	if (draft->rules)
		return keep_keys(d, draft, key, seen, u);
	return draft->type == DRAFT_FILE ? keep_file(d, draft, seen, u)
					 : keep_other(d, draft, seen, u);
}

int
keep_drop(struct drafts *d, struct draft *draft, const char *key,
	  struct undo *u)
{
	struct texts t = {0};
	char *text = NULL;
	int bad;

	if (!key || !draft->rules) {
		undo_save_draft(u, d, draft, NULL);
		if (drafts_remove(d, draft->whose, draft->path) == 0)
			return 0;
		err_warn("cannot drop '%s': %m", draft->shown);
		return -1;
	}
	if (read_texts(d, draft, &t) == 0)
		text = take_keys(draft, t.draft, t.base, key);
	if (text) {
		undo_save_draft(u, d, draft, text);
		bad = settle(d, draft, t.base, text, draft->mode);
	} else {
		bad = refuse(draft, "its keys are not understood");
	}
	free_texts(&t);
	free(text);
	return bad ? -1 : 0;
}
