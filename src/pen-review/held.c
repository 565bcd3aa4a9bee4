#include "pen-review/held.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "pen-review/apply.h"
#include "pen-review/compare.h"
#include "pen-review/host.h"
#include "pen-review/hunks.h"
#include "pen-review/show.h"

#define AROUND 3

static const char *const changes[] = {[UPPER_CREATED] = "created",
				      [UPPER_CHANGED] = "changed",
				      [UPPER_REMOVED] = "removed",
				      [UPPER_OTHER] = "created"};

static const char help[] =
    "y - apply it: the host gets it\n"
    "n - leave it in the overlay\n"
    "h - decide part by part\n"
    "d - drop it\n"
    "a - apply it and all that follow, but for conflicts\n"
    "q - leave it and all that follow in the overlay\n"
    "? - print this\n";

int
held_is_data(const struct held *h)
{
	return !h->by && (h->tree > 0 || strncmp(h->below, ".git/", 5) == 0);
}

/* The text made visible; the caller frees it. */
static char *
visible(const char *text)
{
	size_t n = strlen(text);
	char *seen = mem_alloc(4 * n + 5);

	return err_visible(seen, 4 * n + 5, text, n);
}

/* Who obeys it, and what else there is to know. */
static char *
remark(const struct overlay *o, const struct held *h)
{
	return mem_printf(
	    "%s%soverlay '%s'%s", h->by ? h->by : "", h->by ? ": " : "",
	    o->name, h->conflict ? ", the host's was changed meanwhile" : "");
}

void
held_list(const struct overlay *o)
{
	size_t objects = 0;

	for (size_t i = 0; i < o->n; i++) {
		const struct held *h = &o->v[i];
		char *seen, *more;

		if (overlay_is_object(h)) {
			objects++;
			continue;
		}
		seen = visible(h->shown);
		more = remark(o, h);
		printf("held     %-8s %s%s  (%s)\n", changes[h->kind], seen,
		       S_ISDIR(h->st.st_mode) ? "/" : "", more);
		free(more);
		free(seen);
	}
	if (objects > 0)
		printf("held     created  %zu of git's objects  (overlay "
		       "'%s')\n",
		       objects, o->name);
	if (o->cut)
		printf("not whole: some of the overlay '%s' cannot be read\n",
		       o->name);
}

void
held_list_json(const struct overlay *o, json_t *entries)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct held *h = &o->v[i];
		char *seen = visible(h->shown);
		json_t *e =
		    json_pack("{s:s, s:s, s:s, s:s, s:b}", "path", seen,
			      "change", changes[h->kind], "class", "held",
			      "overlay", o->name, "conflict", h->conflict);

		if (!e)
			die(ERR_TOOL, "out of memory");
		if (h->by)
			json_object_set_new(e, "by", json_string(h->by));
		json_array_append_new(entries, e);
		free(seen);
	}
}

/* The texts of both sides, and what both were made from. */
struct texts {
	char *host, *own, *base;
	size_t host_n, own_n, base_n;
};

static void
read_texts(const struct overlay *o, const struct held *h, struct texts *t)
{
	*t = (struct texts){0};
	t->host = host_read(o->p, h->path, &t->host_n, NULL);
	if (h->kind != UPPER_REMOVED)
		t->own = overlay_text(o, h, "up", &t->own_n);
	t->base = overlay_text(o, h, "base", &t->base_n);
}

static void
free_texts(struct texts *t)
{
	free(t->host);
	free(t->own);
	free(t->base);
}

static void
show_sides(FILE *out, const struct held *h, const struct texts *t, int colours)
{
	struct side base = {t->base, t->base_n}, host = {t->host, t->host_n};
	struct side own = {t->own, t->own_n};
	char *text = NULL;
	int conflicts;
	size_t n;

	if (h->conflict)
		fputs("the host's was changed meanwhile\n", out);
	if (h->conflict && t->base && t->host && t->own)
		text = compare_merge(base, host, own, &n, &conflicts);
	if (text) {
		fputs(conflicts
			  ? "both, and what was there before:\n"
			  : "both can be joined: --apply, or this as it is\n",
		      out);
		show_text(out, text, n, colours);
	} else {
		free(text);
		text = compare_diff(h->shown, host, own, AROUND, &n);
		if (text)
			show_diff(out, text, n, colours);
		else
			fputs("there is no diff to show\n", out);
	}
	free(text);
}

void
held_show(FILE *out, const struct overlay *o, const struct held *h, int colours)
{
	char *more = remark(o, h), *link;
	struct texts t;

	show_head(out, h->shown, more, colours);
	free(more);
	if (h->kind == UPPER_OTHER) {
		fputs("a device, a FIFO or a socket: it cannot be applied\n",
		      out);
	} else if (S_ISDIR(h->st.st_mode)) {
		fprintf(out, "a directory, %s\n", changes[h->kind]);
	} else if (S_ISLNK(h->st.st_mode) && h->kind != UPPER_REMOVED) {
		link = beneath_readlink(o->dir, h->rel);
		show_line(out, "a symbolic link to", link ? link : "");
		free(link);
	} else {
		read_texts(o, h, &t);
		if (h->kind != UPPER_REMOVED && h->st.st_mode & 0111)
			fputs("it can be executed\n", out);
		if (!t.host && !t.own)
			fprintf(out, "%s, and too large to be shown\n",
				changes[h->kind]);
		else
			show_sides(out, h, &t, colours);
		free_texts(&t);
	}
	putc('\n', out);
}

/* An answer of the letters, of which the last is "?". */
static int
ask(const char *what, const char *letters)
{
	char line[256], *seen = visible(what);
	int c, answer;

	for (;;) {
		printf("Apply %s [%s]? ", seen, letters);
		fflush(stdout);
		if (!fgets(line, sizeof(line), stdin)) {
			answer = 'q';
			break;
		}
		if (!strchr(line, '\n'))
			while ((c = getchar()) != '\n' && c != EOF)
				;
		answer = line[0];
		if (answer && strchr("yndhaq", answer) &&
		    strchr(letters, answer))
			break;
		fputs(help, stdout);
	}
	free(seen);
	return answer;
}

/* Part by part; the rest stays in the overlay.  0, or 1 where it failed. */
static int
ask_hunks(struct overlay *o, const struct held *h, struct restore *r)
{
	struct texts t;
	struct hunk *v = NULL;
	size_t n = 0, len, taken = 0;
	char *diff = NULL, *text = NULL, *part;
	int bad = 0, answer = 0, colours;
	FILE *out;

	read_texts(o, h, &t);
	if (t.host && t.own && strlen(t.host) == t.host_n &&
	    strlen(t.own) == t.own_n)
		diff =
		    compare_diff(h->shown, (struct side){t.host, t.host_n},
				 (struct side){t.own, t.own_n}, AROUND, &len);
	if (!diff || hunks_parse(&v, &n, diff) < 0 || n == 0) {
		puts("it has no parts");
		bad = 1;
	}
	for (size_t i = 0; i < n && answer != 'q'; i++) {
		part = mem_part(v[i].text, v[i].n);
		if (answer != 'a') {
			out = show_begin(&colours);
			show_diff(out, part, v[i].n, colours);
			show_end(out);
			answer = ask("this part", "y,n,a,q,?");
		}
		v[i].take = answer == 'y' || answer == 'a';
		taken += v[i].take != 0;
		free(part);
	}
	if (taken > 0) {
		text = hunks_apply(v, n, t.host, t.own, &len);
		if (!text)
			bad = 1;
		else if (taken == n)
			bad = apply_one(o, h, 1, r) < 0;
		else
			bad = apply_text(o, h, text, len, r) < 0 ||
			      restore_take_out(r, o, h, 0) < 0 ||
			      overlay_rebase(o, h, text, len) < 0;
	}
	free(text);
	free(diff);
	free(v);
	free_texts(&t);
	return bad;
}

static int
apply_answer(struct overlay *o, const struct held *h, int answer,
	     struct restore *r)
{
	switch (answer) {
	case 'y':
		return apply_one(o, h, 1, r) < 0;
	case 'a':
		return apply_one(o, h, 0, r) < 0;
	case 'd':
		return apply_drop(o, h, r) < 0;
	case 'h':
		return ask_hunks(o, h, r);
	default:
		return 0;
	}
}

/* git's own data is decided in one: a branch is nothing without its objects. */
static int
ask_data(struct overlay *o, struct restore *r)
{
	size_t n = 0;
	int answer, bad = 0;
	char *what;

	for (size_t i = 0; i < o->n; i++)
		if (held_is_data(&o->v[i])) {
			n++;
			if (!overlay_is_object(&o->v[i]))
				show_line(stdout, changes[o->v[i].kind],
					  o->v[i].shown);
		}
	if (n == 0)
		return 0;
	what = mem_printf("git's data, %zu files", n);
	answer = ask(what, "y,n,d,q,?");
	free(what);
	for (size_t i = 0; i < o->n; i++)
		if (held_is_data(&o->v[i]))
			bad += apply_answer(o, &o->v[i],
					    answer == 'y' ? 'a' : answer, r);
	return bad;
}

int
held_ask(struct overlay *o)
{
	struct restore r;
	int answer = 0, bad, colours;
	FILE *out;

	restore_begin(&r, o->p);
	bad = ask_data(o, &r);
	for (size_t i = 0; i < o->n && answer != 'q'; i++) {
		const struct held *h = &o->v[i];
		int parts = h->kind == UPPER_CHANGED && S_ISREG(h->st.st_mode);

		if (held_is_data(h))
			continue;
		if (answer != 'a') {
			out = show_begin(&colours);
			held_show(out, o, h, colours);
			show_end(out);
			answer = ask(h->shown,
				     parts ? "y,n,h,d,a,q,?" : "y,n,d,a,q,?");
		}
		bad += apply_answer(o, h, answer, &r);
	}
	apply_end(o, &r);
	return bad;
}
