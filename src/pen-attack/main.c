/*
 * pen-attack: attacks a pen, or what another launcher makes, from inside.  Each
 * attack is made outside first, where it has to succeed.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/opt.h"
#include "lib/standard.h"
#include "pen-attack/attack.h"
#include "pen-attack/part.h"
#include "pen-attack/report.h"
#include "pen-attack/runs.h"

struct wishes {
	struct launcher launcher;
	const char *try, *part, *world;
	struct strv only;
	int json, list;
};

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static void
take_agent(void *cfg, char **args)
{
	((struct wishes *)cfg)->launcher.agent = args[0];
}

static void
take_profile(void *cfg, char **args)
{
	((struct wishes *)cfg)->launcher.profile = args[0];
}

static void
take_with(void *cfg, char **args)
{
	((struct wishes *)cfg)->launcher.with = args[0];
}

static void
take_only(void *cfg, char **args)
{
	strv_push(&((struct wishes *)cfg)->only, args[0]);
}

static void
take_json(void *cfg, char **args)
{
	(void)args;
	((struct wishes *)cfg)->json = 1;
}

static void
take_list(void *cfg, char **args)
{
	(void)args;
	((struct wishes *)cfg)->list = 1;
}

static void
take_try(void *cfg, char **args)
{
	((struct wishes *)cfg)->try = args[0];
}

static void
take_part(void *cfg, char **args)
{
	((struct wishes *)cfg)->part = args[0];
	((struct wishes *)cfg)->world = args[1];
}

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "[options]",
    .purpose = "Attacks a pen from inside, each attack beside its control "
	       "outside.",
    .opts = options,
};

static int
is_selected(const struct wishes *wishes, const struct attack *a)
{
	char *name = mem_printf("%s/%s", a->group, a->name);
	int yes = wishes->only.n == 0;

	for (size_t i = 0; i < wishes->only.n && !yes; i++)
		yes = fnmatch(wishes->only.v[i], name, 0) == 0;
	free(name);
	return yes;
}

static int
needs_nothing(const struct attack *a)
{
	static const char *const groups[] = {"calls", "sockets", "terminals"};

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (strcmp(groups[i], a->group) == 0)
			return a->run == RUN_SHARED;
	return 0;
}

/* One attack, here: for those that need nothing but themselves. */
static int
try_one(const char *name)
{
	struct world nothing = {.victim = -1};
	size_t i = attack_find(name);
	int r;

	if (i == attacks_n)
		die_hint("pen-attack --list names them", "no attack '%s'",
			 name);
	if (!needs_nothing(&attacks[i]))
		die(ERR_TOOL, "'%s' needs something to attack: not by --try",
		    name);
	r = attack_try(&attacks[i], &nothing);
	puts(attack_word(r));
	return r == 0 ? 0 : 1;
}

static void
check_wishes(struct wishes *w, int operands)
{
	if (operands)
		die_hint("pen-attack --help lists the options",
			 "it takes no operands");
	if (w->launcher.with && (w->launcher.agent || w->launcher.profile))
		die(ERR_TOOL, "--agent and --profile are for a pen, and "
			      "exclude --with");
	if (geteuid() == 0)
		die_hint("run it as the user who runs agents",
			 "root is not attacked");
	if (!getenv("HOME") || *getenv("HOME") != '/')
		die(ERR_TOOL, "HOME is not set to a directory");
}

int
main(int argc, char **argv)
{
	struct wishes w = {0};
	struct outcome o = {0};
	int operands;

	err_prog = "pen-attack";
	if (standard_open() < 0)
		die(ERR_TOOL, "cannot open /dev/null: %m");
	operands = opt_parse(&tool, &w, argc, argv) < argc;
	if (w.part)
		part_play(w.part, w.world);
	if (w.try)
		return try_one(w.try);
	if (w.list) {
		report_list();
		return 0;
	}
	check_wishes(&w, operands);
	for (size_t i = 0; i < attacks_n; i++)
		o.selected[i] = (unsigned char)is_selected(&w, &attacks[i]);
	runs_make(&w.launcher, &o);
	if (w.json)
		report_print_json(&w.launcher, &o);
	else
		report_print(&o);
	if (fflush(stdout) != 0)
		die(ERR_TOOL, "cannot write: %m");
	return report_status(&o);
}
