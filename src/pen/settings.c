#include "settings.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "lib/ports.h"
#include "lib/rule.h"

#define ORIGIN "pen itself"

typedef const char *check_fn(const char *text);

/* A rule, or @GROUP: group.h. */
static const char *
check_rule(const char *text)
{
	struct rule r;

	if (*text != '@')
		return rule_parse(text, &r);
	text++;
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
					   "0123456789-_")]
		       ? NULL
		       : "it is not the name of a group";
}

/* NAME or *.NAME. */
static const char *
check_name(const char *text)
{
	struct rule r;

	return strchr(text, ':') ? "it is not a host name"
				 : rule_parse(text, &r);
}

static const char *
check_publish(const char *text)
{
	struct ports p;

	return ports_parse(text, 1, &p);
}

static const char *
check_reach(const char *text)
{
	struct ports p;

	return ports_parse(text, 0, &p);
}

static const char *
check_connect_to(const char *text)
{
	int colons = 0;

	for (; *text; text++)
		colons += *text == ':';
	return colons < 3 ? "it is not HOST:PORT:ADDR:PORT" : NULL;
}

/* NAME, NAME=VALUE or PREFIX*. */
static const char *
check_env(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789_");

	if (n == 0 || (text[0] >= '0' && text[0] <= '9'))
		return "it is not the name of a variable";
	/* The chain's own variables; inside, only PEN=1 is seen of them. */
	if (strncmp(text, "PEN_", 4) == 0 || strncmp(text, "PEN=", 4) == 0)
		return "PEN and PEN_* are pen's own";
	if (text[n] == '\0' || text[n] == '=' || strcmp(text + n, "*") == 0)
		return NULL;
	return "it is not NAME, NAME=VALUE or PREFIX*";
}

/* A leading "-" passes over a path that is missing, as systemd.exec(5) has. */
static const char *
check_path(const char *text)
{
	if (*text == '-')
		text++;
	if (*text == '/' || strcmp(text, "~") == 0 ||
	    strncmp(text, "~/", 2) == 0)
		return NULL;
	return "it is neither absolute nor below ~/";
}

/* Relative to the project, or as check_path. */
static const char *
check_any_path(const char *text)
{
	return *text && *text != '-' ? NULL : "it is not a path";
}

static const char *
check_full_path(const char *text)
{
	return *text == '-' ? "a tmpfs is mounted, never passed over"
			    : check_path(text);
}

/* A leading "+" makes what is missing; only the user's own state. */
static const char *
check_protect(const char *text)
{
	return *text == '+' ? check_full_path(text + 1) : check_any_path(text);
}

const char *
settings_proxy(const char *network)
{
	static const char word[] = "proxy ";

	return strncmp(network, word, strlen(word)) == 0
		       ? network + strlen(word)
		       : NULL;
}

static const char *
check_network(const char *text)
{
	struct ports_local p;

	if (strcmp(text, "allowlist") == 0 || strcmp(text, "offline") == 0 ||
	    strcmp(text, "open") == 0)
		return NULL;
	if (settings_proxy(text))
		return ports_parse_local(settings_proxy(text), &p);
	return "it is none of allowlist, offline, open, proxy ADDR:PORT";
}

static const char *
check_processes(const char *text)
{
	unsigned long v;

	return num_parse(text, 10, 1UL << 22, &v) < 0 || v == 0
		       ? "it is not a number of processes"
		       : NULL;
}

/* Bytes, with K, M or G: what --size of pen-ns is given. */
static const char *
check_size(const char *text)
{
	size_t n = strspn(text, "0123456789");
	unsigned long v;
	char digits[16];

	if (n == 0 || n >= sizeof(digits) || strlen(text + n) > 1 ||
	    !strchr("KMG", text[n]))
		return "it is not a size as 64M or 2G";
	memcpy(digits, text, n);
	digits[n] = '\0';
	if (num_parse(digits, 10, 1UL << 30, &v) < 0 || v == 0)
		return "the size is zero or too large";
	return NULL;
}

/* none, env, or http://[USER:PASSWORD@]HOST:PORT */
static const char *
check_upstream(const char *text)
{
	size_t n = strlen("http://");

	if (strcmp(text, "none") == 0 || strcmp(text, "env") == 0 ||
	    (strncmp(text, "http://", n) == 0 && strchr(text + n, ':')))
		return NULL;
	return "it is none of none, env, http://[USER:PASSWORD@]HOST:PORT";
}

static const char *
check_deny(const char *text)
{
	if (strcmp(text, "deny") == 0 || strcmp(text, "allow") == 0)
		return NULL;
	return "it is neither deny nor allow";
}

static const char *
check_title(const char *text)
{
	if (strcmp(text, "mark") == 0)
		return NULL;
	return check_deny(text) ? "it is none of mark, allow and deny"
				     : NULL;
}

static const char *
check_notice(const char *text)
{
	static const char *const kinds[] = {"title", "bell", "desktop", "none"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(text, kinds[i]) == 0)
			return NULL;
	return "it is none of title, bell, desktop and none";
}

/* Which keys will do is for pen-shell to say. */
static const char *
check_escape(const char *text)
{
	if (strcmp(text, "none") == 0 || (text[0] == '^' && strlen(text) == 2))
		return NULL;
	return "it is neither a key as ^] nor none";
}

static const char *
check_bool(const char *text)
{
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return NULL;
	return "it is neither true nor false";
}

static const struct {
	const char *name;
	check_fn *check;
	const char *standard; /* of a single value */
} keys[] = {
	[SET_ALLOW] = {"allow", check_rule, NULL},
	[SET_DENY] = {"deny", check_rule, NULL},
	[SET_CONNECT_TO] = {"connect_to", check_connect_to, NULL},
	[SET_PUBLISH] = {"publish", check_publish, NULL},
	[SET_REACH] = {"reach", check_reach, NULL},
	[SET_ENV] = {"env", check_env, NULL},
	[SET_RO] = {"ro", check_path, NULL},
	[SET_RW] = {"rw", check_path, NULL},
	[SET_STATE] = {"state", check_path, NULL},
	[SET_TMPFS] = {"tmpfs", check_full_path, NULL},
	[SET_MASK] = {"mask", check_any_path, NULL},
	[SET_PROTECT] = {"protect", check_protect, NULL},
	[SET_REPORT] = {"report", check_any_path, NULL},
	[SET_PRIVATE_HOST] = {"private", check_name, NULL},
	[SET_NETWORK] = {"network", check_network, "allowlist"},
	[SET_TMP_SIZE] = {"tmp_size", check_size, "2G"},
	[SET_PROCESSES] = {"processes", check_processes, "8192"},
	[SET_UPSTREAM_PROXY] = {"upstream_proxy", check_upstream, "none"},
	[SET_CLIPBOARD] = {"clipboard", check_deny, "deny"},
	[SET_NOTIFICATIONS] = {"notifications", check_deny, "deny"},
	[SET_TITLE] = {"title", check_title, "mark"},
	[SET_NOTICE] = {"notice", check_notice, "title"},
	[SET_ESCAPE] = {"escape", check_escape, "^]"},
	[SET_PROTECT_GIT_CONFIG] = {"protect_git_config", check_bool, "true"},
	[SET_ASK] = {"ask", check_bool, "false"},
	[SET_HISTORY] = {"history", check_bool, "false"},
	[SET_NESTING] = {"nesting", check_bool, "false"},
	[SET_DEBUG] = {"debug", check_bool, "false"},
	[SET_PERF] = {"perf", check_bool, "false"},
};
static_assert(sizeof(keys) / sizeof(*keys) == SET_KEYS, "a row each");

/*
 * What programs on the host later execute or trust in a project, and what
 * work seldom needs to change.  git's own files are in git.c, because they
 * need not be in the project.
 */
static const char *const protect[] = {
	/* git, other version control, and what runs hooks */
	".gitmodules", ".gitattributes", ".gitconfig", ".husky",
	".pre-commit-config.yaml", ".lefthook.yml", "lefthook.yml",
	".lefthook-local.yml", "lefthook-local.yml", ".hg/hgrc",
	".hg/hgrc-not-shared", ".jj/repo/config.toml",
	".jj/workspace-config.toml",
	/* direnv, mise and asdf, on entering the directory */
	".envrc", ".envrc.local", ".env", ".direnv", ".tool-versions",
	"mise.toml", ".mise.toml", "mise.local.toml", ".mise.local.toml",
	".mise/config.toml", "mise/config.toml", ".config/mise",
	".config/mise.toml", ".config/mise.local.toml",
	/* editors and what they start */
	".vscode", ".idea", ".devcontainer", ".zed", ".helix", ".exrc",
	".nvimrc", ".nvim.lua", ".vimrc", ".dir-locals.el",
	/* agents */
	".mcp.json", ".claude/settings.json", ".claude/settings.local.json",
	".claude/hooks", ".claude/commands", ".claude/agents",
	".claude/skills", ".claude/output-styles", ".claude/rules",
	".claude/plugins", ".codex", ".cursor", ".gemini", ".aider.conf.yml",
	"opencode.json", "opencode.jsonc", ".opencode", ".windsurf", ".kiro",
	".amp", ".qwen",
	/* shells and tools, where the project is a home of dotfiles */
	".bashrc", ".bash_profile", ".bash_login", ".bash_logout",
	".bash_aliases", ".profile", ".zshrc", ".zshenv", ".zprofile",
	".zlogin", ".zlogout", ".inputrc", ".tmux.conf", ".gdbinit",
	".lldbinit", ".ripgreprc", ".npmrc", ".yarnrc", ".yarnrc.yml",
	".pypirc", "pip.conf",
	/* the home directory's own, where they lead into what is writable */
	"~/.bashrc", "~/.bash_profile", "~/.bash_login", "~/.bash_logout",
	"~/.bash_aliases", "~/.profile", "~/.zshrc", "~/.zshenv",
	"~/.zprofile", "~/.zlogin", "~/.xprofile", "~/.xsessionrc",
	"~/.inputrc", "~/.tmux.conf", "~/.vimrc", "~/.vim", "~/.gitconfig",
	"~/.config/git", "~/.config/fish", "~/.config/nvim",
	"~/.config/tmux", "~/.config/direnv", "~/.config/mise",
	"~/.config/systemd/user", "~/.config/autostart",
	"~/.config/environment.d", "~/.ssh", "~/.local/bin", "~/bin"};

const char *
settings_name(enum settings_key key)
{
	return keys[key].name;
}

const char *
settings_check(enum settings_key key, const char *text)
{
	return keys[key].check(text);
}

void
settings_init(struct settings *s)
{
	memset(s, 0, sizeof(*s));
	for (int k = SET_LISTS; k < SET_KEYS; k++)
		settings_add(s, (enum settings_key)k, keys[k].standard, ORIGIN);
	for (size_t i = 0; i < sizeof(protect) / sizeof(*protect); i++)
		settings_add(s, SET_PROTECT, protect[i], ORIGIN);
}

void
settings_add(struct settings *s, enum settings_key key, const char *text,
	     const char *from)
{
	struct settings_list *l = &s->list[key];

	if (key >= SET_LISTS)
		l->n = 0;
	if ((l->n & (l->n - 1)) == 0) /* room grows at powers of two */
		l->v = mem_grow(l->v, l->n ? l->n * 2 : 1, sizeof(*l->v));
	l->v[l->n++] = (struct settings_item){text, from};
}

void
settings_remove(struct settings *s, enum settings_key key, const char *text)
{
	struct settings_list *l = &s->list[key];
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].text, text) != 0)
			l->v[kept++] = l->v[i];
	l->n = kept;
}

void
settings_clear(struct settings *s, enum settings_key key)
{
	free(s->list[key].v);
	s->list[key] = (struct settings_list){0};
}

const char *
settings_value(const struct settings *s, enum settings_key key)
{
	return s->list[key].v[0].text;
}

int
settings_on(const struct settings *s, enum settings_key key)
{
	return strcmp(settings_value(s, key), "true") == 0;
}

/* A value may hold what a terminal would obey, and a variable a secret. */
static void
print_item(enum settings_key key, const struct settings_item *i, FILE *f)
{
	char text[1024];
	size_t n = strlen(i->text);

	if (key == SET_UPSTREAM_PROXY && strchr(i->text, '@'))
		n = strlen("http://");
	else if (key == SET_ENV && strchr(i->text, '='))
		n = (size_t)(strchr(i->text, '=') - i->text) + 1;
	err_visible(text, sizeof(text), i->text, n);
	fprintf(f, "%s = %s%s\t# ", keys[key].name, text,
		n < strlen(i->text) ? "…" : "");
	err_visible(text, sizeof(text), i->from, strlen(i->from));
	fprintf(f, "%s\n", text);
}

void
settings_print(const struct settings *s, FILE *f)
{
	for (int k = 0; k < SET_KEYS; k++)
		for (size_t i = 0; i < s->list[k].n; i++)
			print_item((enum settings_key)k, &s->list[k].v[i], f);
}
