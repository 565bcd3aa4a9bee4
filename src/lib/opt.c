#include "lib/opt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/num.h"

#ifndef PEN_VERSION
#define PEN_VERSION "0"
#endif

/* Column at which --help starts an option's description. */
#define HELP_COLUMN 30

/* Whether the option's argument is an optional one, "[=WHAT]". */
static int
is_optional(const char *args)
{
	return args[0] == '[' && args[1] == '=';
}

static const struct opt *
find_option(const struct opt_tool *tool, const char *name, size_t len)
{
	for (const struct opt *o = tool->opts; o->name; o++)
		if (strncmp(o->name, name, len) == 0 && o->name[len] == '\0')
			return o;
	return NULL;
}

static void
print_row(const char *name, const char *args, const char *help)
{
	char head[128];

	snprintf(head, sizeof(head), "  --%s%s%s", name,
		 *args && !is_optional(args) ? " " : "", args);
	if (strlen(head) + 2 > HELP_COLUMN)
		printf("%s\n%*s%s\n", head, HELP_COLUMN, "", help);
	else
		printf("%-*s%s\n", HELP_COLUMN, head, help);
}

static _Noreturn void
print_help(const struct opt_tool *tool)
{
	printf("usage: %s %s\n%s\n\n", err_prog, tool->usage, tool->purpose);
	for (const struct opt *o = tool->opts; o->name; o++)
		if (o->fn)
			print_row(o->name, o->args, o->help);
	print_row("help", "", "print this");
	if (!find_option(tool, "version", strlen("version")))
		print_row("version", "", "print the version");
	printf("\nman %s says the rest.\n", err_prog);
	exit(fflush(stdout) == 0 ? 0 : ERR_TOOL);
}

static _Noreturn void
print_version(void)
{
	printf("%s %s\n", err_prog, PEN_VERSION);
	exit(fflush(stdout) == 0 ? 0 : ERR_TOOL);
}

static _Noreturn void
die_usage(const char *what)
{
	err_warn("%s", what);
	err_hint("%s --help lists the options", err_prog);
	err_exit(ERR_TOOL);
}

/* Says that there is no such option, and which one may have been meant. */
static _Noreturn void
die_unknown(const struct opt_tool *tool, const char *word)
{
	const struct opt *meant =
	    tool->similar ? tool->similar(tool->opts, word) : NULL;

	err_warn("unknown option '%s'", word);
	if (meant)
		err_hint("did you mean '--%s'? %s --help lists the options",
			 meant->name, err_prog);
	else
		err_hint("%s --help lists the options", err_prog);
	err_exit(ERR_TOOL);
}

static int
count_words(const char *s)
{
	int n = 0;

	for (; *s; s++)
		if (*s != ' ' && (s[1] == ' ' || s[1] == '\0'))
			n++;
	return n;
}

/* Takes the option at argv[0]; returns how many words it used. */
static int
take_option(const struct opt_tool *tool, void *cfg, int argc, char **argv)
{
	const struct opt *o;
	char *name, *eq;
	int words;

	if (strcmp(argv[0], "-h") == 0)
		print_help(tool);
	if (argv[0][1] != '-') /* "-" may be the last byte there is */
		die_unknown(tool, argv[0]);
	name = argv[0] + 2;
	eq = strchr(name, '=');
	o = find_option(tool, name, eq ? (size_t)(eq - name) : strlen(name));
	if (!o && strcmp(name, "help") == 0)
		print_help(tool);
	if (!o && strcmp(name, "version") == 0)
		print_version();
	if (!o)
		die_unknown(tool, argv[0]);
	if (!o->fn)
		die_hint(o->help, "there is no --%s any more", o->name);
	words = count_words(o->args);
	if (is_optional(o->args) && !eq) {
		o->fn(cfg, (char *[]){NULL});
		return 1;
	}
	if (eq) {
		char *value[2] = {eq + 1, NULL};

		if (words != 1)
			die_usage(
			    mem_printf("option '%s' takes no '='", argv[0]));
		o->fn(cfg, value);
		return 1;
	}
	if (argc - 1 < words) {
		err_warn("option '%s' lacks an argument: it takes %s", argv[0],
			 words == 1   ? "an argument"
			 : words == 2 ? "two arguments"
				      : "three arguments");
		err_hint("%s --help lists the options", err_prog);
		err_exit(ERR_TOOL);
	}
	o->fn(cfg, argv + 1);
	return 1 + words;
}

int
opt_parse(const struct opt_tool *tool, void *cfg, int argc, char **argv)
{
	int i = 1;

	while (i < argc && argv[i][0] == '-' && argv[i][1] != '\0') {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		i += take_option(tool, cfg, argc - i, argv + i);
	}
	if (i >= argc && tool->operand_required)
		die_usage("no program to run");
	return i;
}

void
opt_parse_list(const struct opt_tool *tool, void *cfg, int argc, char **argv)
{
	int i = 0;

	while (i < argc) {
		if (argv[i][0] != '-' || strcmp(argv[i], "--") == 0)
			die_usage(mem_printf("'%s' is not an option", argv[i]));
		i += take_option(tool, cfg, argc - i, argv + i);
	}
}

unsigned long
opt_number(const char *name, const char *text, unsigned long max)
{
	unsigned long v;

	if (num_parse(text, 10, max, &v) < 0)
		die(ERR_TOOL, "--%s: '%s' is not a number from 0 to %lu", name,
		    text, max);
	return v;
}

unsigned long
opt_octal(const char *name, const char *text, unsigned long max)
{
	unsigned long v;

	if (num_parse(text, 8, max, &v) < 0)
		die(ERR_TOOL, "--%s: '%s' is not an octal number up to 0%lo",
		    name, text, max);
	return v;
}
