/* pen-ctl: asks the running pens, and changes what they allow. */
#include <limits.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "lib/opt.h"
#include "lib/similar.h"
#include "pen-ctl/console.h"
#include "pen-ctl/verbs.h"

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static void
take_pen(void *cfg, char **args)
{
	((struct ctl *)cfg)->pen = args[0];
}

static void
take_for(void *cfg, char **args)
{
	((struct ctl *)cfg)->lifetime = args[0];
	((struct ctl *)cfg)->lasting = SESSION;
}

static void
take_session(void *cfg, char **args)
{
	(void)args;
	((struct ctl *)cfg)->lifetime = "session";
	((struct ctl *)cfg)->lasting = SESSION;
}

static void
take_always(void *cfg, char **args)
{
	take_session(cfg, args);
	((struct ctl *)cfg)->lasting = ALWAYS;
}

static void
take_everywhere(void *cfg, char **args)
{
	take_session(cfg, args);
	((struct ctl *)cfg)->lasting = EVERYWHERE;
}

static void
take_json(void *cfg, char **args)
{
	(void)args;
	((struct ctl *)cfg)->json = 1;
}

static int
parse_descriptor(const char *name, const char *text)
{
	unsigned long fd;

	if (num_parse(text, 10, INT_MAX, &fd) < 0)
		die(ERR_TOOL, "--%s '%s' is not a descriptor", name, text);
	return (int)fd;
}

static void
take_desk(void *cfg, char **args)
{
	((struct ctl *)cfg)->desk = parse_descriptor("desk", args[0]);
}

static void
take_about(void *cfg, char **args)
{
	((struct ctl *)cfg)->about = parse_descriptor("about", args[0]);
}

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "[options] ls | status | denied | rules | events | ask | stop"
	     " | drafts\n"
	     "       pen-ctl [options] allow | deny | undo RULE...\n"
	     "       pen-ctl [options] ports\n"
	     "       pen-ctl [options] publish | unpublish [HOSTPORT:]PORT...\n"
	     "       pen-ctl [options] reach | unreach PORT...\n"
	     "       pen-ctl [options] budget [[NAME] KIND=+NUMBER...]",
    .purpose = "Asks the running pens, and changes what they allow.",
    .opts = options,
    .similar = similar_option,
};

/* Options may follow the command, and its operands. */
static void
parse(struct ctl *c, int argc, char **argv)
{
	int i = opt_parse(&tool, c, argc, argv);

	while (i < argc) {
		if (strcmp(argv[i - 1], "--") == 0) {
			while (i < argc)
				strv_push(&c->words, argv[i++]);
			break;
		}
		strv_push(&c->words, argv[i]);
		i += opt_parse(&tool, c, argc - i, argv + i);
	}
}

int
main(int argc, char **argv)
{
	struct ctl c = {.lifetime = "session", .desk = -1, .about = -1};

	err_prog = "pen-ctl";
	parse(&c, argc, argv);
	if (c.words.n == 0)
		die_hint("pen-ctl --help lists the commands", "no command");
	if (strcmp(c.words.v[0], "console") == 0)
		console_run(&c);
	verbs_run(&c);
	return 0;
}
