#include "pen/settings_key.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "lib/ports.h"
#include "lib/rule.h"

typedef const char *check_fn(const char *text);

/* The rule for the host of what is a URL or a git remote, or NULL. */
static char *
find_host(const char *text)
{
	const char *scheme = strstr(text, "://");
	const char *host = scheme ? scheme + 3 : text, *at;
	int ssh = !scheme, https = strncmp(text, "https://", 8) == 0;
	size_t n = strcspn(host, "/?#");
	struct rule r;
	char *rule;

	at = memrchr(host, '@', n);
	ssh = ssh && at; /* git@github.com:owner/name */
	if (at)
		n -= (size_t)(at + 1 - host);
	host = at ? at + 1 : host;
	if (ssh)
		n = strcspn(host, ":/");
	rule = mem_printf("%s%.*s%.*s", ssh ? "ssh://" : "",
			  scheme && !https ? (int)(scheme + 3 - text) : 0, text,
			  (int)n, host);
	if (strcmp(rule, text) != 0 && !rule_parse_allow(rule, &r))
		return rule;
	free(rule);
	return NULL;
}

/* What is wrong with a rule: why, or what to write if its host is clear. */
static const char *
explain_rule(const char *text, const char *why)
{
	char *meant = why ? find_host(text) : NULL;

	return meant ? mem_printf("a rule has the host of a URL and no more: "
				  "write '%s'",
				  meant)
		     : why;
}

/* A rule, or @GROUP: group.h. */
static const char *
check_allow_rule(const char *text)
{
	struct rule r;

	if (*text != '@')
		return explain_rule(text, rule_parse_allow(text, &r));
	text++;
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
					   "0123456789-_")]
		   ? NULL
		   : "it is not the name of a group";
}

/* A denial may speak of what can never be dialled. */
static const char *
check_deny_rule(const char *text)
{
	struct rule r;

	return *text == '@' ? check_allow_rule(text)
			    : explain_rule(text, rule_parse(text, &r));
}

/* No group: those are for what somebody else wrote down. */
static const char *
check_quiet_rule(const char *text)
{
	struct rule r;

	return rule_parse(text, &r);
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

/* One that is set, and not passed on. */
static const char *
check_tell_env(const char *text)
{
	return strchr(text, '=') ? check_env(text) : "it is not NAME=VALUE";
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

/* A node of /dev, a directory of them, or those of NVIDIA's driver. */
static const char *
check_device(const char *text)
{
	if (*text == '-')
		text++;
	return strncmp(text, "/dev/", 5) == 0 || strcmp(text, "nvidia") == 0
		   ? NULL
		   : "it is neither below /dev/ nor nvidia";
}

static const char *
check_args(const char *text)
{
	(void)text;
	return NULL;
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

static int
is_none(const char *text)
{
	return strcmp(text, "none") == 0;
}

static const char *
check_memory(const char *text)
{
	return is_none(text) ? NULL : check_size(text);
}

/* Of processors, with at most two digits behind a dot. */
static const char *
check_cpu(const char *text)
{
	size_t n = strspn(text, "0123456789"), rest;

	if (is_none(text))
		return NULL;
	rest = text[n] == '.' ? strspn(text + n + 1, "0123456789") : 0;
	if (n == 0 || n > 3 || rest > 2 ||
	    text[n + (text[n] == '.') + rest] != '\0' ||
	    (text[n] == '.' && rest == 0))
		return "it is not a number of processors as 2 or 1.5";
	return text[strspn(text, "0.")] ? NULL : "it is zero";
}

static const char *
check_time(const char *text)
{
	unsigned long v;

	return is_none(text) ||
		       duration_parse(text, 'd', 366ul * 86400, &v) == 0
		   ? NULL
		   : "it is not a time as 90s, 30m or 2h";
}

/* [*.]NAME=SIZE */
static const char *
check_limit(const char *text)
{
	const char *equal = strchr(text, '='), *why;
	char *name;

	if (!equal)
		return "it is not NAME=SIZE, as example.org=2M";
	name = mem_part(text, (size_t)(equal - text));
	why = check_name(name);
	free(name);
	return why ? why : check_size(equal + 1);
}

/* API and requests=500, up=20M or tokens=2M */
static const char *
check_budget(const char *text)
{
	const char *of = strchr(text, ' ');
	const char *equal = of ? strchr(of, '=') : NULL;
	size_t n = equal ? (size_t)(equal - of - 1) : 0;

	if (of && of != text &&
	    (strcmp(of + 1, "per=run") == 0 || strcmp(of + 1, "per=day") == 0))
		return NULL;
	if (!n || of == text ||
	    !((n == 8 && strncmp(of + 1, "requests", n) == 0) ||
	      (n == 2 && strncmp(of + 1, "up", n) == 0) ||
	      (n == 6 && strncmp(of + 1, "tokens", n) == 0)))
		return "it is not API requests=500, API up=20M, API tokens=2M "
		       "or API per=day";
	return check_size(equal + 1);
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
check_at_end(const char *text)
{
	if (strcmp(text, "tell") == 0 || strcmp(text, "ask") == 0 ||
	    strcmp(text, "nothing") == 0)
		return NULL;
	return "it is none of tell, ask and nothing";
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
	return check_deny(text) ? "it is none of mark, allow and deny" : NULL;
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

/* FILE#KEY, where KEY may be a path of members with dots between them. */
static const char *
check_args_if(const char *text)
{
	const char *key = strrchr(text, '#');

	if (!key || key == text)
		return "it is not FILE#KEY";
	return key[1] ? NULL : "there is no key behind the '#'";
}

static const char *
check_tell_unless(const char *text)
{
	return strcmp(text, TELL_COMMAND) == 0 ? NULL : check_args_if(text);
}

/* API SOURCE HEADER PLACEHOLDER [VARIABLE] */
static const char *
check_key(const char *text)
{
	size_t words = 0;

	for (const char *w = text; *w; words++) {
		w += strcspn(w, " ");
		w += strspn(w, " ");
	}
	if (words < 4 || words > 5)
		return "it is not API SOURCE HEADER PLACEHOLDER [VARIABLE]";
	text += strcspn(text, " ") + 1;
	return strncmp(text, "env:", 4) == 0 || strncmp(text, "file:", 5) == 0
		   ? NULL
		   : "its SOURCE is neither env:NAME nor file:PATH#MEMBER";
}

/* API and something. */
static const char *
check_of_key(const char *text)
{
	const char *blank = strchr(text, ' ');

	return blank && blank > text && blank[1]
		   ? NULL
		   : "it is not an API's name with something behind it";
}

/* HOST or HOST:PORT, of https. */
static const char *
check_git_host(const char *text)
{
	const char *why = check_allow_rule(text);
	struct rule r;

	if (why)
		return why;
	return *text == '@' || strstr(text, "://") || rule_parse(text, &r) ||
		       r.wildcard || r.proto != RULE_TLS
		   ? "it is not the name of a host, as github.com"
		   : NULL;
}

/* HOST and refs/heads/NAME, or what a ref begins with and a "*". */
static const char *
check_git_push(const char *text)
{
	const char *blank = strchr(text, ' '), *why = NULL, *star;
	char *host = blank ? mem_part(text, (size_t)(blank - text)) : NULL;

	if (!host)
		return "it is not HOST REF, as github.com refs/heads/pen/*";
	why = check_git_host(host);
	star = strchr(blank, '*');
	if (!why && (strncmp(blank + 1, "refs/", 5) != 0 || (star && star[1])))
		why = "its ref does not begin with refs/, or has a * before "
		      "its end";
	free(host);
	return why;
}

static const struct {
	const char *name;
	check_fn *check;
	const char *standard; /* of a single value */
} keys[] = {
    [SET_ALLOW] = {"allow", check_allow_rule, NULL},
    [SET_DENY] = {"deny", check_deny_rule, NULL},
    [SET_QUIET] = {"quiet", check_quiet_rule, NULL},
    [SET_LIMIT] = {"limit", check_limit, NULL},
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
    [SET_DEV] = {"dev", check_device, NULL},
    [SET_ARGS] = {"args", check_args, NULL},
    [SET_ARGS_IF] = {"args_if", check_args_if, NULL},
    [SET_TELL_ARGS] = {"tell_args", check_args, NULL},
    [SET_TELL_ENV] = {"tell_env", check_tell_env, NULL},
    [SET_TELL_UNLESS] = {"tell_unless", check_tell_unless, NULL},
    [SET_DRAFT] = {"draft", check_protect, NULL},
    [SET_KEY] = {"key", check_key, NULL},
    [SET_KEY_FILE] = {"key_file", check_of_key, NULL},
    [SET_KEY_BASE] = {"key_base", check_of_key, NULL},
    [SET_KEY_SEED] = {"key_seed", check_of_key, NULL},
    [SET_KEY_INSIDE] = {"key_inside", check_of_key, NULL},
    [SET_KEY_ENV] = {"key_env", check_of_key, NULL},
    [SET_KEY_ARGS] = {"key_args", check_of_key, NULL},
    [SET_KEY_UNLESS] = {"key_unless", check_of_key, NULL},
    [SET_KEY_HOLD] = {"key_hold", check_of_key, NULL},
    [SET_KEY_REFRESH] = {"key_refresh", check_of_key, NULL},
    [SET_KEY_COMMAND] = {"key_command", check_args, NULL},
    [SET_KEY_GIT] = {"key_git", check_git_host, NULL},
    [SET_KEY_GIT_PUSH] = {"key_git_push", check_git_push, NULL},
    [SET_BUDGET] = {"budget", check_budget, NULL},
    [SET_PRIVATE_HOST] = {"private", check_name, NULL},
    [SET_NETWORK] = {"network", check_network, "allowlist"},
    [SET_TMP_SIZE] = {"tmp_size", check_size, "2G"},
    [SET_DRAFT_SIZE] = {"draft_size", check_size, "256M"},
    [SET_OVERLAY_SIZE] = {"overlay_size", check_size, "16G"},
    [SET_PROCESSES] = {"processes", check_processes, "8192"},
    [SET_MEMORY] = {"memory", check_memory, "none"},
    [SET_CPU] = {"cpu", check_cpu, "none"},
    [SET_TIME] = {"time", check_time, "none"},
    [SET_AT_END] = {"at_end", check_at_end, "tell"},
    [SET_UPSTREAM_PROXY] = {"upstream_proxy", check_upstream, "none"},
    [SET_CLIPBOARD] = {"clipboard", check_deny, "deny"},
    [SET_NOTIFICATIONS] = {"notifications", check_deny, "deny"},
    [SET_TITLE] = {"title", check_title, "mark"},
    [SET_NOTICE] = {"notice", check_notice, "title"},
    [SET_ESCAPE] = {"escape", check_escape, "^]"},
    [SET_ASK] = {"ask", check_bool, "false"},
    [SET_HISTORY] = {"history", check_bool, "false"},
    [SET_NESTING] = {"nesting", check_bool, "false"},
    [SET_DEBUG] = {"debug", check_bool, "false"},
    [SET_PERF] = {"perf", check_bool, "false"},
    [SET_SOCKETS] = {"sockets", check_bool, "false"},
    [SET_GPU] = {"gpu", check_bool, "false"},
    [SET_CACHE] = {"cache", check_bool, "false"},
    [SET_OVERLAY] = {"overlay", check_bool, "false"},
    [SET_TELL_MODEL] = {"tell_model", check_bool, "true"},
};
static_assert(sizeof(keys) / sizeof(*keys) == SET_KEYS, "a row each");

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

const char *
settings_default(enum settings_key key)
{
	return keys[key].standard;
}
