#include "pen/env.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/ports.h"
#include "lib/rule.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/quote.h"
#include "pen/url.h"
#include "pen/view_open.h"

/* What is looked at of PATH, and of a command line that may be a script. */
#define DIRECTORIES_MAX 64
#define WORDS_MAX 256

extern char **environ;

/* Passed on as they are, when they are set. */
static const char *const passed[] = {
    "USER", "LOGNAME", "TERM", "COLORTERM", "TERMINFO", "TERMINFO_DIRS", "LANG",
    "LC_*", "TZ",
    /* who commits */
    "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL", "EMAIL",
    /* what programs inside are told, and nothing else acts on */
    "CI", "NODE_ENV", "RAILS_ENV", "NO_COLOR", "FORCE_COLOR", "CLICOLOR",
    "CLICOLOR_FORCE", "LESS", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS",
    "RUSTFLAGS", "GOFLAGS", "CMAKE_BUILD_PARALLEL_LEVEL", "CARGO_BUILD_JOBS",
    "GOOS", "GOARCH",
    /* where Nix and Guix have locales, certificates and libraries */
    "NIX_PROFILES", "NIX_SSL_CERT_FILE", "LOCALE_ARCHIVE", "NIX_LD",
    "NIX_LD_LIBRARY_PATH", "GUIX_PROFILE", "GUIX_LOCPATH"};

/*
 * Passed on where the program that is named is there: an editor that is not
 * would only stop a commit.  That a compiler is not is said.
 */
static const struct {
	const char *name;
	int is_said;
} programs[] = {{"EDITOR", 0}, {"VISUAL", 0}, {"PAGER", 0}, {"CC", 1},
		{"CXX", 1},    {"CPP", 1},    {"LD", 1},    {"AR", 1}};

/* Sets name to value; shown is what a shell makes value of. */
static void
set_variable(struct env *e, const char *name, const char *value,
	     const char *shown)
{
	strv_push(&e->words, "--setenv");
	strv_push(&e->words, name);
	strv_push(&e->words, value);
	strv_push(&e->shown, "--setenv");
	strv_push(&e->shown, name);
	strv_push(&e->shown, shown);
}

static void
set_value(struct env *e, const char *name, const char *value)
{
	set_variable(e, name, value, quote_word(value));
}

/* Whether it is a credential that stays outside. */
static int
is_outside(const struct env *e, const char *name, size_t n)
{
	for (size_t i = 0; e->hidden && i < e->hidden->n; i++)
		if (strncmp(e->hidden->v[i], name, n) == 0 &&
		    e->hidden->v[i][n] == '\0')
			return 1;
	return 0;
}

static void
pass_variable(struct env *e, const char *name)
{
	const char *value = getenv(name);

	if (value && !is_outside(e, name, strlen(name)))
		set_variable(e, name, value, mem_printf("\"$%s\"", name));
}

/* A name that both a shell and pen-ns take for one. */
static int
is_name(const char *s, size_t n)
{
	return n > 0 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

static void
pass_prefix(struct env *e, const char *prefix, size_t n)
{
	for (char **v = environ; *v; v++) {
		size_t len = strcspn(*v, "=");

		if (strncmp(*v, prefix, n) == 0 && is_name(*v, len))
			pass_variable(e, mem_part(*v, len));
	}
}

/* NAME, NAME=VALUE or PREFIX*, as settings_check has it. */
static void
take_variable(struct env *e, const char *text)
{
	size_t n = strcspn(text, "=*");

	if (text[n] == '=' && is_outside(e, text, n))
		return;
	if (text[n] == '=')
		set_value(e, mem_part(text, n), text + n + 1);
	else if (text[n] == '*')
		pass_prefix(e, text, n);
	else
		pass_variable(e, text);
}

static int
has_element(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	for (; *path; path += strcspn(path, ":"), path += *path == ':')
		if (strncmp(path, dir, n) == 0 &&
		    (path[n] == ':' || path[n] == '\0'))
			return 1;
	return 0;
}

/* The absolute elements of PATH that are ok, each once. */
static char *
pick_path(const struct view *v,
	  int (*ok)(const struct view *v, const char *dir))
{
	const char *path = getenv("PATH"), *end;
	char *out = mem_copy("");

	for (; path && *path; path = *end ? end + 1 : end) {
		char *dir, *longer;

		end = strchrnul(path, ':');
		if (*path != '/')
			continue;
		dir = mem_part(path, (size_t)(end - path));
		if (!has_element(out, dir) && ok(v, dir)) {
			longer =
			    mem_printf("%s%s%s", out, *out ? ":" : "", dir);
			free(out);
			out = longer;
		}
		free(dir);
	}
	return out;
}

/* The same, and the usual ones for none. */
static char *
filter_path(const struct view *v,
	    int (*ok)(const struct view *v, const char *dir))
{
	char *out = pick_path(v, ok);

	if (*out)
		return out;
	free(out);
	return mem_copy("/usr/local/bin:/usr/bin:/bin");
}

/* Whether nothing that runs inside could have put a program into dir. */
static int
out_of_reach(const struct view *v, const char *dir)
{
	char *real = path_follow(dir, NULL, NULL);
	int safe = real && !view_writable(v, real);

	free(real);
	return safe;
}

void
env_guard_path(const struct view *v)
{
	char *path = filter_path(v, out_of_reach);

	if (setenv("PATH", path, 1) < 0)
		die(ERR_TOOL, "cannot set PATH: %m");
	free(path);
}

char *
env_find_program(const struct view *v, const char *name)
{
	char *path = filter_path(v, out_of_reach), *at = path, *dir;
	char *found = NULL;

	while (!found && (dir = strsep(&at, ":"))) {
		found = path_join(dir, name);
		if (access(found, X_OK) < 0 || !out_of_reach(v, found)) {
			free(found);
			found = NULL;
		}
	}
	free(path);
	return found;
}

/* Whether a directory of the list path has an executable file name. */
static int
is_found(const char *path, const char *name)
{
	char *copy = mem_copy(path), *at = copy, *dir;
	int found = 0;

	while (!found && (dir = strsep(&at, ":"))) {
		char *file = path_join(dir, name);
		struct stat st;

		found = stat(file, &st) == 0 && S_ISREG(st.st_mode) &&
			access(file, X_OK) == 0;
		free(file);
	}
	free(copy);
	return found;
}

/* Passes on what of programs has a value that can be run. */
static void
pass_programs(struct env *e, const struct view *v)
{
	char *path = filter_path(v, view_has);

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		const char *name = programs[i].name, *value = getenv(name);
		char *word =
		    value ? mem_part(value, strcspn(value, " \t")) : NULL;

		if (!word || !*word)
			;
		else if (*word == '/' ? view_has(v, word)
				      : is_found(path, word))
			pass_variable(e, name);
		else if (programs[i].is_said)
			err_warn("%s is not set inside: '%s' is not shown",
				 name, word);
		free(word);
	}
	free(path);
}

/*
 * Whether a variable is to be passed on and has no value: it is none, as it is
 * for ${NAME:-…} in pen.conf(5), so that the agent and pen mean the same.
 */
static int
is_empty(const char *name)
{
	const char *value = strpbrk(name, "=*") ? NULL : getenv(name);

	return value && !*value;
}

void
env_make(struct env *e, const struct settings *s, const struct project *p,
	 struct view *v)
{
	const struct settings_list *l = &s->list[SET_ENV];
	const char *shell = getenv("SHELL");

	strv_push(&e->words, "--clearenv");
	strv_push(&e->shown, "--clearenv");
	set_value(e, "HOME", p->home);
	set_value(e, "PATH", filter_path(v, view_has));
	set_value(e, "SHELL",
		  shell && *shell == '/' && view_has(v, shell) ? shell
							       : "/bin/sh");
	for (size_t i = 0; i < sizeof(passed) / sizeof(*passed); i++)
		take_variable(e, passed[i]);
	pass_programs(e, v);
	for (size_t i = 0; i < l->n; i++)
		if (!is_empty(l->v[i].text))
			take_variable(e, l->v[i].text);
	for (size_t i = 0; e->more && i < e->more->n; i++) {
		const char *text = e->more->v[i];
		size_t n = strcspn(text, "=");

		set_value(e, mem_part(text, n), text + n + 1);
	}
	set_value(e, "PEN", "1");
}

int
env_has_program(const struct view *v, const char *name)
{
	char *path = filter_path(v, view_has);
	int found = is_found(path, name);

	free(path);
	return found;
}

static int
is_own_name(const char *name)
{
	return strncmp(name, "pen", 3) == 0 &&
	       (name[3] == '\0' || name[3] == '-');
}

/* Whether dir has a program that is of use inside: pen and pen-shim are not. */
static int
has_programs(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int found = 0;

	while (d && !found && (e = readdir(d))) {
		char *file = path_join(dir, e->d_name);
		char *real =
		    is_own_name(e->d_name) ? NULL : realpath(file, NULL);
		struct stat st;

		found = real && stat(real, &st) == 0 && S_ISREG(st.st_mode) &&
			access(real, X_OK) == 0 &&
			strcmp(strrchr(real, '/'), "/pen-shim") != 0;
		free(real);
		free(file);
	}
	if (d)
		closedir(d);
	return found;
}

static int
is_hidden(const struct view *v, const char *dir)
{
	return !view_has(v, dir) && has_programs(dir);
}

char *
env_hidden_path(const struct view *v)
{
	return pick_path(v, is_hidden);
}

/* Warns about the first of the hidden directories that has name; takes it. */
static int
tell_hidden(char *hidden[], size_t n, const char *shown, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!hidden[i] || !is_found(hidden[i], name) ||
		    is_found(shown, name))
			continue;
		err_warn("'%s' is in '%s', which is in PATH and not shown",
			 name, hidden[i]);
		err_hint("pen --ro '%s' …, or in pen.conf: ro += {\"%s\"}",
			 hidden[i], hidden[i]);
		hidden[i] = NULL;
		return 1;
	}
	return 0;
}

int
env_tell_path(const struct view *v, const char *path, char *const *prog)
{
	static const char of_name[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._+-";
	char *copy = mem_copy(path), *at = copy, *dir;
	char *shown = filter_path(v, view_has), *hidden[DIRECTORIES_MAX];
	size_t n = 0;
	int words = WORDS_MAX, told = 0;

	while (*path && n < DIRECTORIES_MAX && (dir = strsep(&at, ":")))
		hidden[n++] = dir;
	for (; n > 0 && *prog; prog++)
		for (const char *w = *prog; *w && --words >= 0;) {
			size_t len = strspn(w, of_name);
			char *name = mem_part(w, len);

			/*
			 * A name with a slash is a path, and not looked up;
			 * pen is in the prompt that pen-shell sets, and of no
			 * use inside.
			 */
			if (len > 0 && w[len] != '/' && !is_own_name(name) &&
			    (w == *prog || w[-1] != '/'))
				told |= tell_hidden(hidden, n, shown, name);
			free(name);
			w += len;
			w += strcspn(w, of_name);
		}
	free(shown);
	free(copy);
	return told;
}

int
env_allows(const struct settings *s, const struct rule *want)
{
	const struct settings_list *l = &s->list[SET_ALLOW];
	struct rule r;

	if (strcmp(settings_value(s, SET_NETWORK), "open") == 0)
		return 1;
	for (size_t i = 0; i < l->n; i++)
		if (!rule_parse(l->v[i].text, &r) && r.port == want->port &&
		    rule_matches(&r, want->name))
			return 1;
	return 0;
}

static void
check_url(const struct settings *s, const char *name, const char *url)
{
	char *text = url_rule(url), *why;
	struct ports p;
	struct rule r;

	if (!text || rule_parse(text, &r) || env_allows(s, &r))
		return;
	if (strcmp(r.name, "localhost") == 0) {
		for (size_t i = 0; i < s->list[SET_REACH].n; i++)
			if (!ports_parse(s->list[SET_REACH].v[i].text, 0, &p) &&
			    r.port - p.inside < p.n)
				return;
		why = mem_printf("pen --reach %u …, or in pen.conf: reach += "
				 "{\"%u\"}",
				 r.port, r.port);
	} else {
		why = mem_printf("pen --allow %s …, or in pen.conf: allow += "
				 "{\"%s\"}",
				 text, text);
	}
	err_warn("%s names %s, which is not allowed", name, text);
	err_hint("%s", why);
}

/* Names of files, for which being passed on is not enough. */
static void
check_file(const struct view *v, const char *name, const char *path)
{
	static const char *const files[] = {"NODE_EXTRA_CA_CERTS",
					    "SSL_CERT_FILE",
					    "SSL_CERT_DIR",
					    "CURL_CA_BUNDLE",
					    "REQUESTS_CA_BUNDLE",
					    "GIT_SSL_CAINFO",
					    "GOOGLE_APPLICATION_CREDENTIALS"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (strcmp(name, files[i]) == 0 && *path == '/' &&
		    !view_has(v, path)) {
			err_warn("%s names '%s', which is not shown", name,
				 path);
			err_hint("pen --ro '%s' …, or in pen.conf: ro += "
				 "{\"%s\"}",
				 path, path);
		}
}

void
env_warn(const struct settings *s, const struct view *v)
{
	const struct settings_list *l = &s->list[SET_ENV];

	for (size_t i = 0; i < l->n; i++) {
		const char *text = l->v[i].text, *value;
		size_t n = strcspn(text, "="), k = strlen("_BASE_URL");
		char *name = mem_part(text, n);

		value = text[n] ? text + n + 1 : getenv(name);
		if (value)
			check_file(v, name, value);
		if (value && n > k && strcmp(name + n - k, "_BASE_URL") == 0)
			check_url(s, name, value);
		free(name);
	}
}
