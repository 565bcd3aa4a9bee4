#include "env.h"

#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/ports.h"
#include "lib/rule.h"
#include "path.h"
#include "quote.h"
#include "url.h"

extern char **environ;

/* Passed on as they are, when they are set. */
static const char *const passed[] = {
	"USER", "LOGNAME", "TERM", "COLORTERM", "TERMINFO", "TERMINFO_DIRS",
	"LANG", "LC_*", "TZ"};

/* Sets name to value; shown is what a shell makes value of. */
static void
set(struct env *e, const char *name, const char *value, const char *shown)
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
	set(e, name, value, quote_word(value));
}

static void
pass(struct env *e, const char *name)
{
	const char *value = getenv(name);

	if (value)
		set(e, name, value, mem_printf("\"$%s\"", name));
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
			pass(e, mem_part(*v, len));
	}
}

/* NAME, NAME=VALUE or PREFIX*, as settings_check has it. */
static void
take(struct env *e, const char *text)
{
	size_t n = strcspn(text, "=*");

	if (text[n] == '=')
		set_value(e, mem_part(text, n), text + n + 1);
	else if (text[n] == '*')
		pass_prefix(e, text, n);
	else
		pass(e, text);
}

/* The absolute elements of PATH that are ok; the usual ones for none. */
static char *
filter_path(const struct view *v,
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
		if (ok(v, dir)) {
			longer = mem_printf("%s%s%s", out, *out ? ":" : "",
					    dir);
			free(out);
			out = longer;
		}
		free(dir);
	}
	return *out ? out : mem_copy("/usr/local/bin:/usr/bin:/bin");
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
		take(e, passed[i]);
	for (size_t i = 0; i < l->n; i++)
		if (!is_empty(l->v[i].text))
			take(e, l->v[i].text);
	set_value(e, "PEN", "1");
}

static int
is_allowed(const struct settings *s, const struct rule *want)
{
	const struct settings_list *l = &s->list[SET_ALLOW];
	struct rule r;

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

	if (!text || rule_parse(text, &r) || is_allowed(s, &r))
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
	static const char *const files[] = {
		"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR",
		"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO",
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
