/*
 * pen-check: what this host can enforce, link by link, by doing it, and what to
 * do about what it cannot.
 */
#include <stdio.h>
#include <string.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/opt.h"
#include "lib/similar.h"
#include "lib/standard.h"
#include "pen-check/checks.h"
#include "pen-check/refusal.h"
#include "pen-check/report.h"

struct wishes {
	int json, fix, attack;
	char *refusal;
	struct strv attacker; /* what --attack becomes */
};

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static void
take_json(void *cfg, char **args)
{
	(void)args;
	((struct wishes *)cfg)->json = 1;
}

static void
take_fix(void *cfg, char **args)
{
	(void)args;
	((struct wishes *)cfg)->fix = 1;
}

static void
take_refused(void *cfg, char **args)
{
	int error = (int)opt_number("refused", args[1], 4095);

	if (strcmp(args[0], "namespace") == 0)
		((struct wishes *)cfg)->refusal = refusal_of_namespace(error);
	else if (strcmp(args[0], "exec") == 0)
		((struct wishes *)cfg)->refusal = refusal_of_exec(error);
	else
		die(ERR_TOOL, "--refused %s: it is namespace or exec", args[0]);
}

static void
take_attack(void *cfg, char **args)
{
	(void)args;
	((struct wishes *)cfg)->attack = 1;
}

/* For pen-attack, whose options they are. */
static void
hand_on(void *cfg, const char *option, const char *value)
{
	struct strv *l = &((struct wishes *)cfg)->attacker;

	if (l->n == 0)
		strv_push(l, chain_sibling("pen-attack"));
	strv_push(l, option);
	if (value)
		strv_push(l, value);
}

static void
take_agent(void *cfg, char **args)
{
	hand_on(cfg, "--agent", args[0]);
}

static void
take_profile(void *cfg, char **args)
{
	hand_on(cfg, "--profile", args[0]);
}

static void
take_with(void *cfg, char **args)
{
	hand_on(cfg, "--with", args[0]);
}

static _Noreturn void
attack(struct wishes *w)
{
	if (w->fix)
		die(ERR_TOOL, "--attack and --fix exclude each other");
	if (w->json)
		hand_on(w, "--json", NULL);
	else if (w->attacker.n == 0)
		strv_push(&w->attacker, chain_sibling("pen-attack"));
	chain_exec(w->attacker.v);
}

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "[options]",
    .purpose = "Tries what this host can enforce, and says what to do about "
	       "what it cannot.",
    .opts = options,
    .similar = similar_option,
};

int
main(int argc, char **argv)
{
	struct wishes w = {0};
	struct report r = {0};
	int failed = 0;

	err_prog = "pen-check";
	if (standard_open() < 0)
		die(ERR_TOOL, "cannot open /dev/null: %m");
	if (opt_parse(&tool, &w, argc, argv) < argc)
		die_hint("pen-check --help lists the options",
			 "it takes no operands");
	if (w.json && w.fix)
		die(ERR_TOOL, "--json and --fix exclude each other");
	if (w.refusal)
		return puts(w.refusal) < 0 || fflush(stdout) != 0 ? ERR_TOOL
								  : 0;
	if (w.attack)
		attack(&w);
	if (w.attacker.n > 0)
		die(ERR_TOOL, "--agent, --profile and --with go with --attack");
	check_kernel(&r);
	check_chain(&r);
	check_host(&r);
	check_agents(&r);
	check_shells(&r);
	if (w.json)
		report_print_json(&r);
	else if (w.fix)
		failed = report_fix(&r);
	else
		report_print(&r);
	if (fflush(stdout) != 0)
		die(ERR_TOOL, "cannot write: %m");
	return failed ? ERR_TOOL : report_status(&r);
}
