#include "pen/gitglobal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/file.h"
#include "lib/rule.h"
#include "pen/env.h"
#include "pen/files.h"
#include "pen/gitdata.h"
#include "pen/gitfile.h"
#include "pen/path.h"
#include "pen/url.h"

#define CONFIG_MAX (1 << 20)

extern char **environ;

/* What is made of the settings. */
struct made {
	const struct project *p;
	const struct settings *s;
	struct view *v;
	char *text;
	size_t n;
	char *dir; /* where git looks for files that nothing names */
	/* said anywhere: a file's name, or that something is signed */
	int ignore, attributes, sign_commit, sign_tag;
	int of_project; /* it is the project that wants a signature */
	int lfs;	/* git-lfs is a filter */
};

/*
 * git's environment: the user's, without what would lead it to another
 * repository, or make it write.
 */
static void
make_environment(struct strv *env, const struct project *p)
{
	static const char *const dropped[] = {
	    "GIT_DIR=",	   "GIT_WORK_TREE=",	      "GIT_COMMON_DIR=",
	    "GIT_CONFIG=", "GIT_INDEX_FILE=",	      "GIT_NAMESPACE=",
	    "GIT_TRACE",   "GIT_CEILING_DIRECTORIES="};
	char *up = path_parent(p->root);

	for (char **e = environ; *e; e++) {
		size_t i = 0, n = sizeof(dropped) / sizeof(*dropped);

		while (i < n && strncmp(*e, dropped[i], strlen(dropped[i])))
			i++;
		if (i == n)
			strv_push(env, *e);
	}
	strv_push(env, mem_printf("GIT_CEILING_DIRECTORIES=%s", up));
	free(up);
}

/* Starts git in dir, which may be anybody's: it only reads. */
static void
start(struct gitglobal *g, const struct project *p, const char *dir)
{
	const char *const words[] = {"git",	     "-C",	  dir,
				     "config",	     "--list",	  "-z",
				     "--show-scope", "--includes"};
	struct strv argv = {0}, env = {0};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		strv_push(&argv, words[i]);
	make_environment(&env, p);
	ask_begin(&g->ask, g->git, argv.v, env.v);
	free(argv.v);
	free(env.v);
}

void
gitglobal_begin(struct gitglobal *g, const struct project *p,
		const struct view *v)
{
	g->git = env_find_program(v, "git");
	if (g->git)
		start(g, p, p->root);
}

static void
append(struct made *m, const char *key, const char *value)
{
	char *text = gitdata_text(key, value), *longer;
	size_t n = strlen(text);

	longer = mem_grow(m->text, m->n + n + 1, 1);
	memcpy(longer + m->n, text, n + 1);
	m->text = longer;
	m->n += n;
	free(text);
}

/* Shows the file that value names; a relative one is in the project. */
static void
show_file(const struct made *m, const char *value)
{
	static const char optional[] = ":(optional)";
	char *path;

	if (strncmp(value, optional, strlen(optional)) == 0)
		value += strlen(optional);
	if (*value != '/' && strncmp(value, "~/", 2) != 0)
		return;
	path = path_expand(value, m->p->home);
	files_show_data(m->p, m->v, path, m->dir);
	free(path);
}

/* The names of other repositories are nobody's business inside. */
static int
is_shown(const struct made *m, const char *value)
{
	char *path = path_expand(value, m->p->home);
	size_t n = strlen(path);
	int shown;

	if (n > 2 && strcmp(path + n - 2, "/*") == 0)
		path[n - 2] = '\0';
	shown = *path == '/' &&
		(view_has(m->v, path) || path_within(m->p->root, path));
	free(path);
	return shown || *value == '\0' || strcmp(value, "*") == 0;
}

/*
 * The rule for what git would connect to, which the caller frees; NULL when
 * that is a program (ext::) or a file.
 */
static char *
url_rule_of_git(const char *url)
{
	const char *scheme = strstr(url, "://"), *host, *at;
	const char *port = "";
	size_t n;

	if (strncmp(url, "http", 4) == 0 && scheme)
		return url_rule(url);
	host = scheme ? scheme + 3 : url;
	if (scheme && strncmp(url, "git://", 6) == 0)
		port = ":9418";
	else if (scheme ? strncmp(url, "ssh://", 6) != 0
			: strcspn(url, "/") < strcspn(url, ":") ||
			      !strchr(url, ':') || strstr(url, "::"))
		return NULL;
	n = strcspn(host, scheme ? "/" : ":");
	at = memrchr(host, '@', n);
	if (at) {
		n -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	if (memchr(host, ':', n))
		return mem_printf("tcp://%.*s", (int)n, host);
	return mem_printf("%s://%.*s%s", *port ? "tcp" : "ssh", (int)n, host,
			  port);
}

/* Whether url is one that the run can reach; names of others stay outside. */
static int
is_reached(const struct made *m, const char *url)
{
	char *text = url_rule_of_git(url);
	struct rule r;
	int reached = text && !rule_parse(text, &r) && env_allows(m->s, &r);

	free(text);
	return reached;
}

/* Whether the beginning of a URL holds inside: ssh wants a rule of its own. */
static int
is_form(const struct made *m, const char *url)
{
	return strncmp(url, "https://", 8) == 0 ||
	       strncmp(url, "http://", 7) == 0 || is_reached(m, url);
}

static void
note_signing(struct made *m, const char *scope, const char *key,
	     const char *value)
{
	int *on =
	    strncmp(key, "commit.", 7) == 0 ? &m->sign_commit : &m->sign_tag;

	*on = gitdata_is_true(value);
	if (strcmp(scope, "local") == 0 || strcmp(scope, "worktree") == 0)
		m->of_project = m->sign_commit || m->sign_tag;
}

/* Takes one setting, of any scope. */
static void
take_setting(struct made *m, const char *scope, const char *key,
	     const char *value)
{
	enum gitdata kind = gitdata_kind(key, value);
	char *sub;

	if (kind == GITDATA_SIGNING)
		note_signing(m, scope, key, value);
	if (strcmp(key, "core.excludesfile") == 0)
		m->ignore = 1;
	if (strcmp(key, "core.attributesfile") == 0)
		m->attributes = 1;
	/* the system's is in /etc, and the project's in the project */
	if (strcmp(scope, "global") != 0 && strcmp(scope, "command") != 0)
		return;
	sub = gitdata_subsection(key);
	m->lfs |= kind == GITDATA_VALUE && sub && strcmp(sub, "lfs") == 0;
	if (kind == GITDATA_FILE && value)
		show_file(m, value);
	if (kind == GITDATA_VALUE || kind == GITDATA_FILE ||
	    (kind == GITDATA_TREE && value && is_shown(m, value)) ||
	    (kind == GITDATA_URL && value && is_form(m, sub)) ||
	    (kind == GITDATA_SITE && is_reached(m, sub)))
		append(m, key, value);
	if (kind == GITDATA_SITE && value && *value == '/' &&
	    is_reached(m, sub))
		show_file(m, value);
	free(sub);
}

/* "scope\0key\nvalue\0", or "scope\0key\0" for a setting without "=". */
static void
take_all(struct made *m, char *text, size_t n)
{
	char *end = text + n, *scope = text, *key, *value;

	while (scope < end) {
		key = scope + strlen(scope) + 1;
		if (key >= end)
			break;
		scope[strlen(scope)] = '\0';
		value = strchr(key, '\n');
		n = strlen(key);
		if (value)
			*value++ = '\0';
		take_setting(m, scope, key, value);
		scope = key + n + 1;
	}
}

static void
take_variable(void *arg, const struct gitfile_variable *var)
{
	char *key = mem_printf("%s%s%s.%s", var->section, var->sub ? "." : "",
			       var->sub ? var->sub : "", var->name);

	take_setting(arg, "global", key, var->value);
	free(key);
}

/* Without git: other programs read the file as well; includes are git's. */
static void
take_file(struct made *m, char *path)
{
	size_t n;
	char *text = file_read(path, 0, CONFIG_MAX, &n);

	if (text)
		gitfile_each(text, take_variable, m);
	free(text);
	free(path);
}

/* What git reads where nothing names a file. */
static void
take_default(struct made *m, const char *name, const char *key)
{
	char *path = path_join(m->dir, name);
	char *usual = path_join(m->p->home, ".config/git");

	if (files_show_data(m->p, m->v, path, m->dir) &&
	    strcmp(usual, m->dir) != 0)
		append(m, key, path);
	free(usual);
	free(path);
}

/*
 * The keys of signatures are not shown, and a commit that cannot be signed
 * fails: so nothing is signed, whoever wants it, and that is said.
 */
static void
sign_nothing(struct made *m, struct settings *s)
{
	static const char *const keys[] = {"commit.gpgsign", "tag.gpgsign"};
	int n = 0;

	for (int i = 0; i < 2; i++) {
		if (!(i == 0 ? m->sign_commit : m->sign_tag))
			continue;
		append(m, keys[i], "false");
		err_warn("%s is off inside: the key is not shown", keys[i]);
		if (!m->of_project)
			continue;
		/* the project's own configuration comes after the user's */
		settings_add(s, SET_ENV,
			     mem_printf("GIT_CONFIG_KEY_%d=%s", n, keys[i]),
			     "pen itself");
		settings_add(s, SET_ENV,
			     mem_printf("GIT_CONFIG_VALUE_%d=false", n++),
			     "pen itself");
	}
	if (n > 0)
		settings_add(s, SET_ENV, mem_printf("GIT_CONFIG_COUNT=%d", n),
			     "pen itself");
}

/* The filter is required: without the program git adds nothing. */
static void
check_lfs(const struct made *m)
{
	char *lfs = m->lfs ? env_find_program(m->v, "git-lfs") : NULL;

	if (lfs && !env_has_program(m->v, "git-lfs")) {
		err_warn("'%s', which git is to filter by, is not shown", lfs);
		err_hint("pen --ro '%s' …, or in pen.conf: ro += {\"%s\"}", lfs,
			 lfs);
	}
	free(lfs);
}

char *
gitglobal_end(struct gitglobal *g, const struct project *p, struct settings *s,
	      struct view *v)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	struct made m = {.p = p, .s = s, .v = v};
	char *text = NULL;
	size_t n;

	m.dir = xdg && *xdg == '/' ? path_join(xdg, "git")
				   : path_join(p->home, ".config/git");
	if (g->git) {
		text = ask_end(&g->ask, &n);
		/* the project may have it read nonsense, or a FIFO: without */
		if (!text) {
			start(g, p, "/");
			text = ask_end(&g->ask, &n);
		}
		if (text)
			take_all(&m, text, n);
		else {
			err_warn("git cannot read your configuration: none of "
				 "it holds inside");
			err_hint("git config --list --show-scope says why");
		}
	} else {
		take_file(&m, path_join(m.dir, "config"));
		take_file(&m, path_join(p->home, ".gitconfig"));
	}
	free(text);
	if (!m.ignore)
		take_default(&m, "ignore", "core.excludesfile");
	if (!m.attributes)
		take_default(&m, "attributes", "core.attributesfile");
	sign_nothing(&m, s);
	check_lfs(&m);
	free(m.dir);
	return m.text;
}
