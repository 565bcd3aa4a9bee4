#include "pen/tell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/file.h"
#include "pen/path.h"

/* No quote, backslash or newline: it is put into the syntaxes of others. */
static const char notice[] =
    "You are running inside a pen: a jail that the user has put around "
    "this project on purpose. Only allowed host names can be reached. A "
    "name that does not resolve, or a connection that is refused, is the "
    "user's policy and not a fault, so do not try to repair the network, "
    "DNS, proxies or certificates. Files outside the project are missing, "
    "or are forgotten when the pen ends. Changes to git hooks and git "
    "configuration, and to the settings of editors and agents, are held "
    "back until the user keeps them; leave their permissions alone. When "
    "something is missing, read " TELL_FILE " and tell the user which "
    "command would allow it.";

/* What stands for the notice in tell_args. */
#define NOTICE "@notice@"

#define CONF_MAX (1 << 20)

static void
write_list(FILE *f, const char *head, const struct settings_list *l)
{
	if (l->n == 0)
		return;
	fprintf(f, "%s\n", head);
	for (size_t i = 0; i < l->n; i++)
		fprintf(f, "    %s\n", l->v[i].text);
}

static void
write_files(FILE *f, const struct settings *s, const struct project *p)
{
	char root[4096];

	err_visible(root, sizeof(root), p->root, strlen(p->root));
	fprintf(
	    f,
	    "This program runs in a pen: a jail that the user has put "
	    "around the project\n%s\nwith pen(1), on purpose. What is "
	    "missing here is missing by the user's choice.\n\n"
	    "FILES\n\n"
	    "The project is writable, and so is the state of the agent "
	    "that runs here. Programs\nof the system are read-only. The "
	    "rest of the home directory and other projects are\nnot "
	    "shown. What is written anywhere else, as to /tmp, to the home "
	    "directory or to a\ndirectory beside the project (git worktree "
	    "add ../x), is in memory, and forgotten\nwhen the pen ends; "
	    "/tmp and the home directory have room for %s each (tmp_size in "
	    "pen.conf).\n\n",
	    root, settings_value(s, SET_TMP_SIZE));
}

static void
write_names(FILE *f, const struct settings *s)
{
	const char *network = settings_value(s, SET_NETWORK);

	if (strcmp(network, "offline") == 0)
		fprintf(f, "There is none but localhost, which is the pen's "
			   "own.\n");
	else if (strcmp(network, "open") == 0)
		fprintf(f, "Every public address can be reached; the user's "
			   "machine and private networks cannot.\n");
	else if (settings_proxy(network))
		fprintf(f, "TLS on port 443 goes to a proxy of the user's, "
			   "which decides by name. Nothing else\ncan be "
			   "reached.\n");
	else
		fprintf(f, "Names that no rule allows do not resolve, and "
			   "addresses without a name cannot be\nreached. A "
			   "rule without a scheme is TLS on port 443. The "
			   "user can have allowed more\nsince the start.\n");
	if (strcmp(network, "allowlist") == 0)
		write_list(f, "Allowed:", &s->list[SET_ALLOW]);
}

/* What git reaches by pen-key, and what else of those hosts does not pass. */
static void
write_git(FILE *f, const struct keys *keys)
{
	int any = 0;

	for (size_t i = 0; i < keys->n; i++)
		for (size_t j = 0; j < keys->v[i].repositories.n; j++, any = 1)
			fprintf(
			    f, "%s    %s %s\n",
			    any ? ""
				: "git fetches these repositories with the "
				  "user's credential, which is not here, by "
				  "plain\nhttp; its configuration has the "
				  "URLs. No other repository of the host can "
				  "be reached:\n",
			    keys->v[i].host, keys->v[i].repositories.v[j]);
	if (any)
		fputs("A push passes to refs that the user has named "
		      "(key_git_push), and git says why another\ndoes not. gh, "
		      "glab and git-lfs have no credential here: push the "
		      "branch and ask the user\nto run them outside.\n",
		      f);
}

static void
write_network(FILE *f, const struct settings *s, const struct keys *keys)
{
	fputs("NETWORK\n\n", f);
	write_names(f, s);
	write_git(f, keys);
	write_list(f,
		   "Ports of localhost here that the user's browser reaches "
		   "([HOSTPORT:]PORT):",
		   &s->list[SET_PUBLISH]);
	write_list(f, "Ports of the user's machine that are at localhost here:",
		   &s->list[SET_REACH]);
	fputs("\n", f);
}

static const char held_back[] =
    "HELD BACK\n\n"
    "What the user's own tools would execute later is a draft: changes to "
    "it work here and\nlast for this project's pens, but outside nothing "
    "of them counts until the user keeps\nthem with pen-review. That is "
    "git's hooks, configuration and other files in .git, and\nthe "
    "settings, hooks and commands of editors and agents. Branches, "
    "commits and source\ncode are the real ones.\n\n"
    "WHAT NOT TO TRY\n\n"
    "- Do not repair the network: DNS, /etc/resolv.conf, proxies and "
    "certificates are right.\n"
    "- Do not change permissions, mounts or links in .git or of what is "
    "read-only.\n"
    "- sudo, docker, user namespaces, ptrace and kernel modules are not "
    "available.\n"
    "- Chromium's own sandbox does not start here: --no-sandbox, for the pen "
    "is its sandbox.\n"
    "- Do not look for another way out: everything that was refused is in "
    "the user's log.\n\n";

/* The user types these outside, where this program cannot. */
static const char ask[] =
    "WHAT TO ASK THE USER FOR\n\n"
    "Say what is missing and why, and the command, which the user types in "
    "the project in\nanother terminal.\n\n";
static const char at_once[] =
    "  at once:\n"
    "    pen-ctl allow NAME       to reach a host; --always for good\n"
    "    pen-ctl publish PORT     to see a server of this pen in a browser\n"
    "    pen-ctl reach PORT       to use a port of the user's localhost "
    "here\n";
static const char later[] =
    "  for the next pen:\n"
    "    pen --ro DIR ...         to read another directory; --rw to write "
    "it\n"
    "    pen --env NAME ...       to have a variable of the user's\n"
    "    pen --debug ...          for gdb and strace; --perf for perf\n"
    "    pen --nested ...         for podman, bwrap and other sandboxes\n"
    "    pen --sockets ...        for Unix sockets in the project\n"
    "    pen-review               to look at what is held back, and keep "
    "it\n";

/* Each is what the user could want to be shown. */
static void
write_hidden(FILE *f, const char *hidden)
{
	char *copy = mem_copy(hidden), *rest = copy, *dir, seen[4096];

	if (*hidden)
		fputs("These directories of the user's PATH are not shown, and "
		      "programs in them are not\nfound:\n",
		      f);
	while (*hidden && (dir = strsep(&rest, ":")))
		fprintf(f, "    %s\n",
			err_visible(seen, sizeof(seen), dir, strlen(dir)));
	if (*hidden)
		fputs("\n", f);
	free(copy);
}

char *
tell_text(const struct settings *s, const struct project *p,
	  const struct keys *keys, const char *hidden)
{
	char *text = NULL;
	size_t n;
	FILE *f;

	if (!settings_on(s, SET_TELL_MODEL))
		return NULL;
	f = open_memstream(&text, &n);
	if (!f)
		die(ERR_TOOL, "out of memory");
	write_files(f, s, p);
	write_hidden(f, hidden);
	write_network(f, s, keys);
	fputs(held_back, f);
	fputs(ask, f);
	if (strcmp(settings_value(s, SET_NETWORK), "allowlist") == 0)
		fputs(at_once, f);
	fputs(later, f);
	if (fclose(f) != 0)
		die(ERR_TOOL, "out of memory");
	return text;
}

/* Whether the file has the word, as "FILE#WORD" says; relative: the project. */
static int
file_says(const char *text, const struct project *p)
{
	const char *hash = strrchr(text, '#');
	char *part = mem_part(text, (size_t)(hash - text));
	char *full = strchr("/~", *part) ? part : path_join(p->root, part);
	char *path = path_expand(full, p->home);
	size_t n;
	char *found = file_read(path, 0, CONF_MAX, &n);
	int says = found && strstr(found, hash + 1);

	free(found);
	free(path);
	free(part);
	return says;
}

/* Whether a long option of the agent's, or one that begins so, was typed. */
static int
is_typed(const char *option, char *const *typed)
{
	if (strncmp(option, "--", 2) != 0)
		return 0;
	for (; *typed; typed++)
		if (strncmp(*typed, option, strlen(option)) == 0)
			return 1;
	return 0;
}

/* Whether what was typed may be a command of the agent's: one word, no option.
 */
static int
is_command(char *const *typed)
{
	return *typed && **typed != '-' && !strpbrk(*typed, " \t\n");
}

static const char *
insert_notice(const char *text)
{
	const char *at = strstr(text, NOTICE);

	return at ? mem_printf("%.*s%s%s", (int)(at - text), text, notice,
			       at + strlen(NOTICE))
		  : text;
}

void
tell_args(const struct settings *s, const struct project *p, char *const *typed,
	  struct strv *words)
{
	const struct settings_list *l = &s->list[SET_TELL_ARGS];
	const struct settings_list *unless = &s->list[SET_TELL_UNLESS];

	if (!settings_on(s, SET_TELL_MODEL) || l->n == 0 ||
	    is_typed(l->v[0].text, typed))
		return;
	for (size_t i = 0; i < unless->n; i++)
		if (strcmp(unless->v[i].text, TELL_COMMAND) == 0
			? is_command(typed)
			: file_says(unless->v[i].text, p))
			return;
	for (size_t i = 0; i < l->n; i++)
		strv_push(words, insert_notice(l->v[i].text));
}

static int
has_variable(const struct settings *s, const char *name, size_t n)
{
	const struct settings_list *l = &s->list[SET_ENV];
	char *whole = mem_part(name, n);
	int has = getenv(whole) != NULL;

	free(whole);
	for (size_t i = 0; i < l->n && !has; i++)
		has = strncmp(l->v[i].text, name, n) == 0 &&
		      (l->v[i].text[n] == '=' || l->v[i].text[n] == '\0');
	return has;
}

void
tell_env(struct settings *s)
{
	const struct settings_list *l = &s->list[SET_TELL_ENV];

	for (size_t i = 0; settings_on(s, SET_TELL_MODEL) && i < l->n; i++) {
		const char *text = l->v[i].text;

		if (!has_variable(s, text, strcspn(text, "=")))
			settings_add(s, SET_ENV, text, l->v[i].from);
	}
}
