#include "pen/options.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/opt.h"
#include "lib/ports.h"
#include "lib/similar.h"
#include "pen/overlay.h"
#include "pen/path.h"

char *
options_name(enum settings_key key)
{
	char *option = mem_copy(settings_name(key));

	for (char *c = option; (c = strchr(c, '_'));)
		*c = '-';
	return option;
}

static void
add_typed(struct pen *pen, enum settings_key key, const char *text)
{
	const char *why = settings_check(key, text);

	if (why)
		die(ERR_TOOL, "--%s: '%s': %s", options_name(key), text, why);
	settings_add(&pen->typed, key, text, COMMAND_LINE);
}

/* A path that is typed may be relative to the current directory. */
static const char *
typed_path(const char *option, const char *text)
{
	char cwd[PATH_MAX];

	if (*text == '\0')
		die(ERR_TOOL, "--%s: the path is empty", option);
	if (*text == '/')
		return text;
	if (!getcwd(cwd, sizeof(cwd)))
		die(ERR_TOOL, "cannot tell the current directory: %m");
	return path_join(cwd, text);
}

static void
add_typed_path(struct pen *pen, enum settings_key key, const char *text)
{
	settings_add(&pen->typed, key, typed_path(settings_name(key), text),
		     COMMAND_LINE);
}

static void
name_project(struct pen *pen, const char *option, const char *dir, int anyway)
{
	pen->project_dir = typed_path(option, dir);
	pen->project.anyway = anyway;
	pen->project.by_name = *dir == '/';
}

static void
add_edit(struct pen *pen, char **args)
{
	struct edit *e;
	const char *why;
	int key = 0;

	if (strcmp(args[0], "add") != 0 && strcmp(args[0], "remove") != 0)
		die(ERR_TOOL, "--edit: '%s' is neither add nor remove",
		    args[0]);
	while (key < SET_LISTS &&
	       (key == SET_PRIVATE_HOST ||
		strcmp(settings_name((enum settings_key)key), args[1]) != 0))
		key++;
	if (key == SET_LISTS)
		die(ERR_TOOL, "--edit: '%s' is not a list of pen.conf(5)",
		    args[1]);
	pen->edits = mem_room(pen->edits, pen->edits_n, sizeof(*pen->edits));
	e = &pen->edits[pen->edits_n++];
	*e = (struct edit){strcmp(args[0], "remove") == 0,
			   (enum settings_key)key, args[2]};
	why = e->remove ? NULL : settings_check(e->key, e->value);
	if (why)
		die(ERR_TOOL, "--edit: '%s': %s", e->value, why);
}

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

#define TAKE(name, call)                                \
	static void take_##name(void *cfg, char **args) \
	{                                               \
		struct pen *pen = cfg;                  \
                                                        \
		(void)args;                             \
		call;                                   \
	}
TAKE(agent, pen->agent = args[0])
TAKE(profile, pen->profile = args[0])
TAKE(project, name_project(pen, "project", args[0], 0))
TAKE(project_anyway, name_project(pen, "project-anyway", args[0], 1))
TAKE(edit, add_edit(pen, args))
TAKE(list, pen->list = args[0])
TAKE(config, pen->config = typed_path("config", args[0]))
TAKE(allow, add_typed(pen, SET_ALLOW, args[0]))
TAKE(deny, add_typed(pen, SET_DENY, args[0]))
TAKE(private, add_typed(pen, SET_PRIVATE_HOST, args[0]))
TAKE(env, add_typed(pen, SET_ENV, args[0]))
TAKE(ro, add_typed_path(pen, SET_RO, args[0]))
TAKE(rw, add_typed_path(pen, SET_RW, args[0]))
TAKE(publish, add_typed(pen, SET_PUBLISH, args[0]))
TAKE(reach, add_typed(pen, SET_REACH, args[0]))
TAKE(connect_to, add_typed(pen, SET_CONNECT_TO, args[0]))
TAKE(open, add_typed(pen, SET_NETWORK, "open"))
TAKE(offline, add_typed(pen, SET_NETWORK, "offline"))
TAKE(ask, add_typed(pen, SET_ASK, "true"))
TAKE(debug, add_typed(pen, SET_DEBUG, "true"))
TAKE(nested, add_typed(pen, SET_NESTING, "true"))
TAKE(dev, add_typed(pen, SET_DEV, args[0]))
TAKE(processes, add_typed(pen, SET_PROCESSES, args[0]))
TAKE(memory, add_typed(pen, SET_MEMORY, args[0]))
TAKE(cpu, add_typed(pen, SET_CPU, args[0]))
TAKE(time, add_typed(pen, SET_TIME, args[0]))
TAKE(gpu, add_typed(pen, SET_GPU, "true"))
TAKE(perf, add_typed(pen, SET_PERF, "true"))
TAKE(sockets, add_typed(pen, SET_SOCKETS, "true"))
TAKE(audit, pen->audit = 1)
TAKE(no_key, pen->no_key = 1)
TAKE(new_remotes, pen->new_remotes = 1)
TAKE(no_ask, add_typed(pen, SET_ASK, "false"))
TAKE(no_overlay, add_typed(pen, SET_OVERLAY, "false"))

static void
take_overlay(void *cfg, char **args)
{
	struct pen *pen = cfg;
	const char *why = args[0] ? overlay_check(args[0]) : NULL;

	if (why)
		die(ERR_TOOL, "--overlay: '%s': %s", args[0], why);
	if (args[0])
		pen->overlay_name = args[0];
	add_typed(pen, SET_OVERLAY, "true");
}

static void
take_proxy(void *cfg, char **args)
{
	struct ports_local p;
	const char *why = ports_parse_local(args[0], &p);

	if (why)
		die(ERR_TOOL, "--proxy: '%s': %s", args[0], why);
	add_typed(cfg, SET_NETWORK, mem_printf("proxy %s", args[0]));
}

static void
take_print(void *cfg, char **args)
{
	struct pen *pen = cfg;

	if (args[0] && strcmp(args[0], "conf") != 0)
		die(ERR_TOOL, "--print: '%s' is not conf", args[0]);
	pen->print = args[0] ? PRINT_CONF : PRINT_CHAIN;
}

static void
take_shell(void *cfg, char **args)
{
	struct pen *pen = cfg;

	if (strcmp(args[0], "bash") != 0 && strcmp(args[0], "zsh") != 0 &&
	    strcmp(args[0], "fish") != 0)
		die(ERR_TOOL, "--shell: '%s' is none of bash, zsh and fish",
		    args[0]);
	pen->shell = args[0];
}

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    "[options] [--] prog [args...]",
    "Runs prog, an LLM coding agent or any command, in a pen.", options, 0,
    similar_option};

int
options_parse(struct pen *pen, int argc, char **argv)
{
	return opt_parse(&tool, pen, argc, argv);
}
