#include "pen-review/list.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "pen-review/held.h"

/* What is said of a draft that another took the place of. */
#define ASIDE "another run's version, not in effect"

#define ACCOUNT_MAX ((size_t)256 << 20)

/* The last run's account, or NULL where there is none. */
static json_t *
read_account(const struct project *p)
{
	size_t n;
	char *text =
	    beneath_read(p->state, "account.json", ACCOUNT_MAX, &n, NULL);
	json_t *o;

	if (!text && errno == ENOENT)
		return NULL;
	o = text ? json_loadb(text, n, 0, NULL) : NULL;
	if (!json_is_object(o))
		die(ERR_TOOL, "cannot read '%s/account.json'", p->state_dir);
	free(text);
	return o;
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

/* The text made visible; the caller frees it. */
static char *
visible(const char *text)
{
	size_t n = strlen(text);
	char *seen = mem_alloc(4 * n + 5);

	return err_visible(seen, 4 * n + 5, text, n);
}

static void
print_line(const char *class, const char *change, const char *path,
	   const char *key, const char *by, const char *more)
{
	char *seen = visible(path), *what = visible(key), *also = visible(more);

	printf("%-8s %-8s %s%s%s", class, change, seen, *what ? "#" : "", what);
	if (*by || *also)
		printf("  (%s%s%s)", by, *by && *also ? ": " : "", also);
	putchar('\n');
	free(seen);
	free(what);
	free(also);
}

static const char *
change_of(const struct draft *d)
{
	return d->type == DRAFT_REMOVED ? "removed"
	       : d->based && !d->sha	? "created"
					: "changed";
}

static void
print_entry(const json_t *e)
{
	const char *old = text_of(e, "old"), *ref = text_of(e, "ref");
	char *more = *old   ? mem_printf("was %s", old)
		     : *ref ? mem_printf("on %s", ref)
			    : mem_copy(text_of(e, "note"));

	print_line(text_of(e, "class"), text_of(e, "change"),
		   text_of(e, "path"), text_of(e, "key"), text_of(e, "by"),
		   more);
	free(more);
}

static void
flush(void)
{
	if (fflush(stdout) != 0)
		die(ERR_TOOL, "cannot write: %m");
}

/* What is not held back now, in the account's order: what is obeyed first. */
static void
print_account(const json_t *account)
{
	static const char *const classes[] = {"obeyed", "changed"};
	const json_t *entries = json_object_get(account, "entries"), *e;
	size_t i;

	for (int c = 0; c < 2; c++)
		json_array_foreach(
		    entries, i, e) if (strcmp(text_of(e, "class"),
					      classes[c]) == 0) print_entry(e);
	json_array_foreach(json_object_get(account, "why"), i, e)
	{
		char *seen = visible(json_string_value(e));

		printf("not whole: %s\n", seen);
		free(seen);
	}
}

static const char *
change_of_key(const struct keys_one *key)
{
	return !key->value ? "removed" : key->old ? "changed" : "created";
}

/* The draft, or each key of it that is held; an agent's own are one line. */
static void
print_draft(const struct draft *draft)
{
	size_t own = 0;

	for (size_t i = 0; draft->rules && i < draft->keys.n; i++) {
		const struct keys_one *key = &draft->keys.v[i];

		own += key->own != 0;
		if (!key->own)
			print_line("held", change_of_key(key), draft->shown,
				   key->name, draft->by, "");
	}
	if (!draft->rules || own > 0)
		print_line("held", change_of(draft), draft->shown, "",
			   draft->by,
			   own > 0 || draft->quiet ? "the agent's own"
			   : draft->aside	   ? ASIDE
						   : "");
}

void
list_print(const struct drafts *d, const struct overlay *o, size_t n)
{
	json_t *account = read_account(d->p);

	for (int quiet = 0; quiet < 2; quiet++)
		for (size_t i = 0; i < d->n; i++)
			if (d->v[i].quiet == quiet)
				print_draft(&d->v[i]);
	for (size_t i = 0; i < n; i++)
		held_list(&o[i]);
	if (d->cut)
		printf("not whole: there are more drafts than are listed\n");
	print_account(account);
	json_decref(account);
	flush();
}

static void
add_json(json_t *entries, const struct draft *draft, const char *change,
	 const struct keys_one *key)
{
	char *seen = visible(draft->shown), *by = visible(draft->by);
	json_t *o = json_pack("{s:s, s:s, s:s, s:s}", "path", seen, "change",
			      change, "class", "held", "by", by);
	char *name = key ? visible(key->name) : NULL,
	     *old = key && key->old ? visible(key->old) : NULL;

	if (!o)
		die(ERR_TOOL, "out of memory");
	if (name)
		json_object_set_new(o, "key", json_string(name));
	if (old)
		json_object_set_new(o, "old", json_string(old));
	if (draft->aside)
		json_object_set_new(o, "note", json_string(ASIDE));
	json_array_append_new(entries, o);
	free(seen);
	free(by);
	free(name);
	free(old);
}

static void
add_draft(json_t *entries, const struct draft *draft)
{
	if (!draft->rules)
		add_json(entries, draft, change_of(draft), NULL);
	for (size_t i = 0; draft->rules && i < draft->keys.n; i++) {
		const struct keys_one *key = &draft->keys.v[i];

		add_json(entries, draft, change_of_key(key), key);
	}
}

void
list_print_json(const struct drafts *d, const struct overlay *o, size_t n)
{
	json_t *account = read_account(d->p), *entries = json_array(), *e;
	size_t i;

	for (i = 0; i < d->n; i++)
		add_draft(entries, &d->v[i]);
	for (i = 0; i < n; i++)
		held_list_json(&o[i], entries);
	json_array_foreach(json_object_get(account, "entries"), i,
			   e) if (strcmp(text_of(e, "class"), "held") != 0)
	    json_array_append(entries, e);
	if (!account)
		account = json_pack("{s:i, s:b, s:[], s:[]}", "version", 1,
				    "whole", 1, "why", "refused");
	json_object_set_new(account, "entries", entries);
	json_dumpf(account, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
	json_decref(account);
	flush();
}

void
list_print_prompt(const struct drafts *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += !d->v[i].quiet;
	if (n > 0)
		printf("[%zu held]\n", n);
	flush();
}
