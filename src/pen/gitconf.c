#include "pen/gitconf.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen/gitdir.h"
#include "pen/gitfile.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/view_draft.h"

/* Whoever wrote the project may have written its configuration, too. */
#define INCLUDES_MAX 64
#define WORDS_MAX 4096
#define HOOKS_MAX 256

enum kind { INCLUDE, HOOKS, FILE_NAME, COMMAND };

/* git-config(1); a subsection may be anything, and so may a NULL name. */
static const struct {
	const char *section, *name;
	enum kind kind;
} variables[] = {
    {"include", "path", INCLUDE},
    {"includeif", "path", INCLUDE},
    {"core", "hookspath", HOOKS},
    {"core", "attributesfile", FILE_NAME},
    {"core", "fsmonitor", COMMAND},
    {"core", "sshcommand", COMMAND},
    {"core", "editor", COMMAND},
    {"core", "pager", COMMAND},
    {"core", "askpass", COMMAND},
    {"core", "gitproxy", COMMAND},
    {"core", "alternaterefscommand", COMMAND},
    {"sequence", "editor", COMMAND},
    {"interactive", "difffilter", COMMAND},
    {"alias", NULL, COMMAND},
    {"pager", NULL, COMMAND},
    {"diff", "external", COMMAND},
    {"diff", "command", COMMAND},
    {"diff", "textconv", COMMAND},
    {"merge", "driver", COMMAND},
    {"filter", "clean", COMMAND},
    {"filter", "smudge", COMMAND},
    {"filter", "process", COMMAND},
    {"mergetool", "cmd", COMMAND},
    {"mergetool", "path", COMMAND},
    {"difftool", "cmd", COMMAND},
    {"difftool", "path", COMMAND},
    {"gpg", "program", COMMAND},
    {"gpg", "defaultkeycommand", COMMAND},
    {"credential", "helper", COMMAND},
    {"trailer", "command", COMMAND},
    {"trailer", "cmd", COMMAND},
    {"hook", "command", COMMAND},
    {"remote", "uploadpack", COMMAND},
    {"remote", "receivepack", COMMAND},
};

struct config {
	struct view *v;
	const char *home, *path, *tree;
	int *includes, *words; /* that may still be followed */
};

static void read_config(struct config *c);

/* text as a path, relative to dir. */
static char *
full_path(const struct config *c, const char *dir, const char *text)
{
	if (strncmp(text, "~/", 2) == 0)
		return path_expand(text, c->home);
	return *text == '/' ? mem_copy(text) : path_join(dir, text);
}

static void
draft_include(const struct config *c, const char *text)
{
	char *dir = path_parent(c->path), *path = full_path(c, dir, text);
	struct config inner = *c;

	inner.path = path;
	if (--*c->includes >= 0) {
		if (!view_draft(c->v, VIEW_REPLACED, path, "git", "gitconfig"))
			view_forbid(c->v, path);
		read_config(&inner);
	} else if (*c->includes == -1) {
		err_warn("too many includes: not all of what '%s' names is "
			 "held back",
			 c->path);
	}
	free(dir);
	free(path);
}

/*
 * The files of the tree among the words of a command for the shell.  They are
 * source, and may be changed: that is told.
 */
static void
note_command(const struct config *c, const char *text)
{
	static const char between[] = " \t\n\"'`;|&()<>$=!";
	struct stat st;
	int missing;

	while (*(text += strspn(text, between)) && --*c->words >= 0) {
		size_t len = strcspn(text, between);
		char *word = mem_part(text, len);
		char *path = full_path(c, c->tree, word);

		missing = lstat(path, &st) < 0 && strchr(word, '/');
		if (missing || (stat(path, &st) == 0 && S_ISREG(st.st_mode)))
			view_obeyed(c->v, path, "git");
		free(path);
		free(word);
		text += len;
	}
	if (*c->words == -1)
		err_warn("too many commands: not all of what '%s' names is "
			 "held back",
			 c->path);
}

void
gitconf_hooks(struct view *v, const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	for (int n = 0; d && n < HOOKS_MAX && (e = readdir(d)); n++) {
		char *path = path_join(dir, e->d_name);

		if (e->d_type == DT_LNK)
			view_obeyed(v, path, "git");
		free(path);
	}
	if (d)
		closedir(d);
}

static void
on_variable(void *arg, const struct gitfile_variable *var)
{
	const struct config *c = arg;
	size_t n = sizeof(variables) / sizeof(*variables), i = 0;
	char *path;

	if (!var->value || !*var->value)
		return;
	while (i < n && (strcmp(var->section, variables[i].section) != 0 ||
			 (variables[i].name &&
			  strcmp(var->name, variables[i].name) != 0)))
		i++;
	if (i == n)
		return;
	switch (variables[i].kind) {
	case INCLUDE:
		draft_include(c, var->value);
		break;
	case HOOKS:
	case FILE_NAME:
		path = full_path(c, c->tree, var->value);
		if (!view_draft(c->v, VIEW_REPLACED, path, "git", "none"))
			view_obeyed(c->v, path, "git"); /* it may be made */
		if (variables[i].kind == HOOKS)
			gitconf_hooks(c->v, path);
		free(path);
		break;
	case COMMAND:
		note_command(c, var->value);
		break;
	}
}

static void
read_config(struct config *c)
{
	char *real = path_follow(c->path, NULL, NULL), *dir, *text;

	if (!real)
		return;
	dir = path_parent(real);
	text = gitdir_read(dir, strrchr(real, '/') + 1);
	if (text)
		gitfile_each(text, on_variable, c);
	else
		err_warn("cannot read '%s': what it names is not held back",
			 c->path);
	free(text);
	free(dir);
	free(real);
}

void
gitconf_draft(struct view *v, const char *home, const char *path,
	      const char *tree)
{
	int includes = INCLUDES_MAX, words = WORDS_MAX;
	struct config c = {v, home, path, tree, &includes, &words};

	read_config(&c);
}
