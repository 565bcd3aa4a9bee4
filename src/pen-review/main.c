/* pen-review: what runs left, shown, kept or dropped. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/opt.h"
#include "lib/projects.h"
#include "lib/similar.h"
#include "pen-review/apply.h"
#include "pen-review/ask.h"
#include "pen-review/choose.h"
#include "pen-review/drafts.h"
#include "pen-review/held.h"
#include "pen-review/keep.h"
#include "pen-review/list.h"
#include "pen-review/project.h"
#include "pen-review/restore.h"
#include "pen-review/show.h"
#include "pen-review/undo.h"

/* Done, but not all of it. */
#define PARTLY 1

enum action {
	ACTION_ASK,
	ACTION_LIST,
	ACTION_SHOW,
	ACTION_KEEP,
	ACTION_DROP,
	ACTION_APPLY,
	ACTION_UNDO,
	ACTION_PROMPT
};

struct review {
	const char *project;
	enum action action;
	const char *word; /* the option that said so */
	int json;
	int overlaid;	     /* --overlay */
	const char *overlay; /* its name, or NULL: the only one */
};

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static void
take_project(void *cfg, char **args)
{
	((struct review *)cfg)->project = args[0];
}

static void
set_action(struct review *r, enum action action, const char *word)
{
	if (r->word)
		die(ERR_TOOL, "%s and %s exclude each other", r->word, word);
	r->word = word;
	r->action = action;
}

static void
take_list(void *cfg, char **args)
{
	(void)args;
	set_action(cfg, ACTION_LIST, "--list");
}

static void
take_json(void *cfg, char **args)
{
	(void)args;
	((struct review *)cfg)->json = 1;
}

static void
take_show(void *cfg, char **args)
{
	(void)args;
	set_action(cfg, ACTION_SHOW, "--show");
}

static void
take_keep(void *cfg, char **args)
{
	(void)args;
	set_action(cfg, ACTION_KEEP, "--keep");
}

static void
take_drop(void *cfg, char **args)
{
	(void)args;
	set_action(cfg, ACTION_DROP, "--drop");
}

static void
take_apply(void *cfg, char **args)
{
	(void)args;
	set_action(cfg, ACTION_APPLY, "--apply");
}

static void
take_overlay(void *cfg, char **args)
{
	((struct review *)cfg)->overlaid = 1;
	((struct review *)cfg)->overlay = args[0];
}

static void
take_undo(void *cfg, char **args)
{
	(void)args;
	set_action(cfg, ACTION_UNDO, "--undo");
}

static void
take_prompt(void *cfg, char **args)
{
	(void)args;
	set_action(cfg, ACTION_PROMPT, "--prompt");
}

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "[options] [PATH[#KEY]...]",
    .purpose = "Shows what runs in a project left, and keeps or drops what is "
	       "held back.",
    .opts = options,
    .similar = similar_option,
};

/* A layer of an overlay that is mounted is not to change. */
static void
refuse_used(const struct overlay *o)
{
	if (o->used)
		die_hint("wait until it has ended",
			 "a pen is using the overlay '%s'", o->name);
}

static int
show(const struct choice *c)
{
	int colours;
	FILE *out = show_begin(&colours);

	for (size_t i = 0; i < c->n; i++)
		show_draft(out, c->d, c->v[i].draft, colours);
	for (size_t i = 0; i < c->nheld; i++)
		held_show(out, c->held[i].o, c->held[i].h, colours);
	show_end(out);
	return 0;
}

static int
keep(const struct choice *c)
{
	struct undo u;
	int bad = 0;

	if (c->nheld > 0)
		die_hint("pen-review --apply does", "--keep takes nothing out "
						    "of an overlay");
	undo_begin(&u, c->d->p);
	for (size_t i = 0; i < c->n; i++)
		bad += keep_draft(c->d, c->v[i].draft, c->v[i].key, 0, &u) < 0;
	undo_end(&u);
	drafts_save(c->d);
	return bad ? PARTLY : 0;
}

static int
drop(const struct choice *c)
{
	struct undo u;
	struct restore r;
	int bad = 0;

	undo_begin(&u, c->d->p);
	for (size_t i = 0; i < c->n; i++)
		bad += keep_drop(c->d, c->v[i].draft, c->v[i].key, &u) < 0;
	undo_end(&u);
	restore_begin(&r, c->d->p);
	/* with a removed directory goes what is in it */
	for (size_t i = c->nheld; i-- > 0;) {
		refuse_used(c->held[i].o);
		bad += apply_drop(c->held[i].o, c->held[i].h, &r) < 0;
	}
	for (size_t i = 0; i < c->n_o; i++)
		if (!c->o[i].used)
			apply_end(&c->o[i], &r);
	drafts_save(c->d);
	return bad ? PARTLY : 0;
}

/* In an overlay's order: removals first. */
static int
apply(const struct choice *c)
{
	struct restore r;
	int bad = 0;

	if (c->n_o == 0)
		die_hint("pen --overlay makes one", "there is no overlay");
	if (c->n_o > 1)
		die_hint("name the one: --overlay=NAME; pen-ctl drafts lists "
			 "them",
			 "the project has %zu overlays", c->n_o);
	refuse_used(&c->o[0]);
	restore_begin(&r, c->d->p);
	for (size_t i = 0; i < c->o[0].n; i++)
		if (c->o[0].v[i].chosen)
			bad += apply_one(&c->o[0], &c->o[0].v[i], 0, &r) < 0;
	apply_end(&c->o[0], &r);
	return bad || c->o[0].cut ? PARTLY : 0;
}

/* The last keep, or what was applied last. */
static int
undo(struct drafts *d)
{
	int bad = restore_run(d->p);

	if (bad < 0)
		bad = undo_run(d);
	if (bad < 0)
		die(ERR_TOOL, "there is nothing to undo");
	return bad ? PARTLY : 0;
}

static int
ask_or_list(struct choice *c)
{
	int bad = 0;

	list_print(c->d, c->o, c->n_o);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return 0;
	bad = ask_drafts(c->d);
	for (size_t i = 0; i < c->n_o; i++)
		if (c->o[i].n > 0) {
			refuse_used(&c->o[i]);
			bad += held_ask(&c->o[i]);
		}
	return bad ? PARTLY : 0;
}

static void
choose(const struct review *r, struct choice *c, char **words)
{
	if (*words)
		choose_words(c, words);
	else if (r->action == ACTION_APPLY || r->overlaid)
		choose_overlays(c);
	else
		choose_drafts(c, r->action != ACTION_KEEP);
	if (!*words && !r->overlaid && r->action == ACTION_SHOW)
		choose_overlays(c);
}

static int
run(const struct review *r, struct choice *c, char **words)
{
	switch (r->action) {
	case ACTION_LIST:
		if (r->json)
			list_print_json(c->d, c->o, c->n_o);
		else
			list_print(c->d, c->o, c->n_o);
		return 0;
	case ACTION_PROMPT:
		list_print_prompt(c->d);
		return 0;
	case ACTION_UNDO:
		return undo(c->d);
	case ACTION_ASK:
		return ask_or_list(c);
	default:
		choose(r, c, words);
	}
	return r->action == ACTION_SHOW	   ? show(c)
	       : r->action == ACTION_KEEP  ? keep(c)
	       : r->action == ACTION_APPLY ? apply(c)
					   : drop(c);
}

/* The overlay of the name, or all of the project's. */
static void
read_overlays(const struct review *r, struct choice *c)
{
	struct strv names = {0};
	int lock = r->action != ACTION_LIST && r->action != ACTION_SHOW;

	if (r->overlay)
		strv_push(&names, r->overlay);
	else
		overlay_names(c->d->p, &names);
	c->o = mem_alloc((names.n + 1) * sizeof(*c->o));
	for (size_t i = 0; i < names.n; i++)
		if (overlay_read(&c->o[c->n_o], c->d->p, names.v[i], lock) == 0)
			c->n_o++;
		else if (r->overlay)
			die_hint("pen-ctl drafts lists them",
				 "the project has no overlay '%s'", r->overlay);
	free(names.v);
}

int
main(int argc, char **argv)
{
	struct review r = {0};
	struct project p;
	struct drafts d;
	struct choice c = {.d = &d};
	int i;

	err_prog = "pen-review";
	i = opt_parse(&tool, &r, argc, argv);
	if (r.json && r.action != ACTION_LIST)
		die(ERR_TOOL, "--json goes with --list");
	if (i < argc && (r.action < ACTION_SHOW || r.action > ACTION_APPLY))
		die(ERR_TOOL, "a PATH goes with --show, --keep, --drop or "
			      "--apply");
	if (project_find(&p, r.project) < 0) {
		if (r.action == ACTION_UNDO)
			die(ERR_TOOL, "there is nothing to undo");
		if (i < argc || r.action == ACTION_APPLY)
			die(ERR_TOOL, "no pen has run here");
		return 0; /* nothing is held back */
	}
	if (r.action != ACTION_PROMPT)
		projects_settle(p.state_dir, chain_sibling("pen-report"));
	if (r.action != ACTION_LIST && r.action != ACTION_PROMPT)
		project_lock(&p);
	drafts_read(&d, &p);
	if (r.action != ACTION_PROMPT && r.action != ACTION_UNDO)
		read_overlays(&r, &c);
	return run(&r, &c, argv + i);
}
