/* The agents on PATH, and the shells that run them in a pen. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/file.h"
#include "lib/mem.h"
#include "pen-check/agent.h"
#include "pen-check/checks.h"
#include "pen-check/try.h"

#define RC_MAX (1 << 20) /* more than an rc file has */
#define PACKAGE_UP 3	 /* directories from a program to package.json */

/*
 * The version of a program of npm's, from the package.json beside it or above;
 * the program is not run.  A fresh string; NULL when none is known.
 */
static char *
read_version(const char *program)
{
	char *dir = realpath(program, NULL), *version = NULL;

	for (int up = 0; dir && up < PACKAGE_UP && !version; up++) {
		char *slash = strrchr(dir, '/'), *path;
		json_t *package;
		const char *text;

		if (!slash || slash == dir)
			break;
		*slash = '\0';
		path = mem_join(dir, "/package.json");
		package = json_load_file(path, 0, NULL);
		text = json_string_value(json_object_get(package, "version"));
		version = text ? mem_copy(text) : NULL;
		json_decref(package);
		free(path);
	}
	free(dir);
	return version;
}

/* Is the path a program that pen-shim(1) made for an agent? */
static int
is_shim(const char *path)
{
	char *real = realpath(path, NULL);
	const char *name = real ? strrchr(real, '/') : NULL;
	int shim = name && strcmp(name, "/pen-shim") == 0;

	free(real);
	return shim;
}

static int
is_program(const char *path)
{
	return !is_shim(path);
}

static void
check_agent(struct report *r, const char *name)
{
	char *program = chain_find_good(name, is_program);
	char *first = chain_find(name);
	char *version = program ? read_version(program) : NULL;
	struct finding f = {.group = "agents", .name = mem_copy(name)};

	if (program) {
		f.found = mem_printf(
		    "%s%s%s%s", program, version ? ", " : "",
		    version ? version : "",
		    first && is_shim(first) ? ", in a pen by its shim" : "");
		report_add(r, &f);
		agent_check(r, name);
	}
	free(program);
	free(first);
	free(version);
}

void
check_agents(struct report *r)
{
	const char *const argv[] = {chain_sibling("pen"), "--list", "agents",
				    NULL};
	char said[TRY_TEXT], *rest = NULL;
	size_t before = r->n;

	if (try_program(argv, said) == 0)
		for (char *name = strtok_r(said, " \n", &rest); name;
		     name = strtok_r(NULL, " \n", &rest))
			check_agent(r, name);
	if (r->n == before)
		report_add(
		    r, &(struct finding){.group = "agents",
					 .name = mem_copy("any"),
					 .found = mem_copy("none is on PATH")});
}

/* Whether the file has a line that reads what pen's functions are in. */
static int
reads_functions(const char *path)
{
	size_t n;
	char *text = file_read(path, 0, RC_MAX, &n);
	int found =
	    text && (strstr(text, "shell/pen.") || strstr(text, "pen --shell"));

	free(text);
	return found;
}

static void
check_shell(struct report *r, const char *name, const char *rc,
	    const char *advice)
{
	char *program = chain_find(name);
	struct finding f = {
	    .group = "shells",
	    .name = mem_copy(name),
	    .matters = "An agent that is typed by name runs without a pen.",
	    .advice = advice};

	if (!program)
		return;
	f.state = reads_functions(rc) ? REPORT_OK : REPORT_WEAKER;
	f.found = mem_printf("%s %s pen's functions", rc,
			     f.state == REPORT_OK ? "reads" : "does not read");
	report_add(r, &f);
	free(program);
}

void
check_shells(struct report *r)
{
	const char *home = getenv("HOME"), *zdotdir = getenv("ZDOTDIR");
	const char *config = getenv("XDG_CONFIG_HOME");
	char *bash, *zsh, *fish;

	if (!home)
		home = "/";
	bash = mem_join(home, "/.bashrc");
	zsh = mem_join(zdotdir ? zdotdir : home, "/.zshrc");
	fish = config ? mem_join(config, "/fish/config.fish")
		      : mem_join(home, "/.config/fish/config.fish");
	check_shell(r, "bash", bash,
		    "install.sh --shell bash, where pen came from");
	check_shell(r, "zsh", zsh,
		    "install.sh --shell zsh, where pen came from");
	check_shell(r, "fish", fish,
		    "install.sh --shell fish, where pen came from");
}
