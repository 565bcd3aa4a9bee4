#include "pen-check/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/rule.h"
#include "pen-check/try.h"

#define SETTINGS_MAX 262144

/* The host of an agent's first request, if no variable names another one. */
static const struct {
	const char *agent, *host;
} first[] = {
    {"claude", "api.anthropic.com"},
    {"codex", "api.openai.com"},
    {"gemini", "generativelanguage.googleapis.com"},
    {"copilot", "api.github.com"},
    {"cursor-agent", "api2.cursor.sh"},
    {"amp", "ampcode.com"},
    {"qwen", "portal.qwen.ai"},
    {"opencode", "models.dev"},
};

/* Where agents keep what a sign-in gave them, in a directory of their state. */
static const char *const credentials[] = {
    ".credentials.json", "auth.json",  "oauth_creds.json",
    "credentials.json",	 "hosts.json", "oauth-keys.env",
};

/* A line "KEY = VALUE<tab># ORIGIN" of what pen printed. */
struct setting {
	const char *key, *value;
};

struct settings {
	struct setting *v;
	size_t n;
};

static void
parse_settings(char *text, struct settings *s)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *equal = strstr(line, " = "), *tab = strchr(line, '\t');

		if (!equal || !tab || tab < equal)
			continue;
		*equal = *tab = '\0';
		s->v = mem_room(s->v, s->n, sizeof(*s->v));
		s->v[s->n++] = (struct setting){line, equal + 3};
	}
}

/* The value of the key behind the one at *i, which goes on; or NULL. */
static const char *
next_value(const struct settings *s, const char *key, size_t *i)
{
	while (*i < s->n) {
		const struct setting *one = &s->v[(*i)++];

		if (strcmp(one->key, key) == 0)
			return one->value;
	}
	return NULL;
}

/* A path as pen.conf has it, after "-" and "~". */
static char *
expand(const char *text)
{
	const char *home = getenv("HOME");

	text += *text == '-';
	return *text == '~' ? mem_join(home ? home : "", text + 1)
			    : mem_copy(text);
}

static void
add_finding(struct report *r, const char *agent, const char *what, char *found)
{
	struct finding f = {.group = "agents",
			    .name = mem_printf("%s %s", agent, what),
			    .found = found};

	report_add(r, &f);
}

static void
check_state(struct report *r, const char *agent, const struct settings *s)
{
	char *found = mem_copy("");
	const char *value;
	size_t i = 0;

	while ((value = next_value(s, "state", &i))) {
		char *path = expand(value), *longer;

		if (access(path, F_OK) == 0) {
			longer = mem_printf("%s%s%s", found, *found ? ", " : "",
					    value);
			free(found);
			found = longer;
		}
		free(path);
	}
	add_finding(r, agent, "state", *found ? found : mem_copy("none yet"));
}

static int
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* A variable that the agent gets and that the caller has, or NULL. */
static const char *
find_variable(const struct settings *s, const char *end, const char *other)
{
	const char *name;
	size_t i = 0;

	while ((name = next_value(s, "env", &i))) {
		const char *value = getenv(name);

		if (value && *value &&
		    (ends_with(name, end) || ends_with(name, other)))
			return name;
	}
	return NULL;
}

/* A file that a sign-in left, or NULL. */
static char *
find_credentials(const struct settings *s)
{
	const char *value;
	size_t i = 0;

	while ((value = next_value(s, "state", &i)))
		for (size_t k = 0;
		     k < sizeof(credentials) / sizeof(*credentials); k++) {
			char *dir = expand(value);
			char *path = mem_printf("%s%s%s", dir,
						ends_with(dir, "/") ? "" : "/",
						credentials[k]);

			free(dir);
			if (access(path, R_OK) == 0)
				return path;
			free(path);
		}
	return NULL;
}

static void
check_key(struct report *r, const char *agent, const struct settings *s)
{
	size_t i = 0;
	const char *outside = next_value(s, "outside", &i), *name;
	char *file;

	if (outside) {
		const char *from = strchr(outside, ' ') + 1;

		add_finding(
		    r, agent, "key",
		    mem_printf("%s, outside: pen-key puts it on requests",
			       from));
		return;
	}
	name = find_variable(s, "_KEY", "_TOKEN");
	file = name ? NULL : find_credentials(s);
	add_finding(r, agent, "key",
		    name   ? mem_printf("$%s, inside", name)
		    : file ? mem_printf("%s, inside", file)
			   : mem_copy("none is found: sign in once, in a pen"));
}

/* The host that its first request goes to; the caller frees it.  Or NULL. */
static char *
find_host(const char *agent, const struct settings *s)
{
	const char *name = find_variable(s, "_BASE_URL", "_URL"), *url;

	if (name) {
		url = getenv(name);
		if (strstr(url, "://"))
			url = strstr(url, "://") + 3;
		return mem_part(url, strcspn(url, ":/?"));
	}
	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++)
		if (strcmp(first[i].agent, agent) == 0)
			return mem_copy(first[i].host);
	return NULL;
}

static int
is_in(const struct settings *s, const char *key, const struct rule *host)
{
	const char *value;
	struct rule wide;
	size_t i = 0;

	while ((value = next_value(s, key, &i)))
		if (!rule_parse(value, &wide) && rule_covers(&wide, host))
			return 1;
	return 0;
}

/* Whether pen-key serves the host. */
static int
is_outside(const struct settings *s, const char *host)
{
	const char *value;
	size_t i = 0, n = strlen(host);

	while ((value = next_value(s, "outside", &i)))
		if (strncmp(value, host, n) == 0 && value[n] == ' ')
			return 1;
	return 0;
}

static void
check_requests(struct report *r, const char *agent, const struct settings *s)
{
	size_t i = 0;
	const char *network = next_value(s, "network", &i);
	char *host = find_host(agent, s);
	struct rule rule;
	int known = host && !rule_parse(host, &rule);
	int denied = known && is_in(s, "deny", &rule);
	int decides = network && strcmp(network, "allowlist") == 0;
	struct finding f = {.group = "agents",
			    .name = mem_printf("%s requests", agent),
			    .matters = "It cannot work without its API."};

	if (!known) {
		free(host);
		free(f.name);
		return;
	}
	if (network && strcmp(network, "offline") == 0) {
		f.state = REPORT_WEAKER;
		f.found = mem_copy("network = offline");
	} else if (is_outside(s, host)) {
		f.found = mem_printf("%s is reached by pen-key", host);
	} else if (denied || (decides && !is_in(s, "allow", &rule))) {
		f.state = REPORT_WEAKER;
		f.found = mem_printf("%s is %s", host,
				     denied ? "denied" : "not allowed");
		f.command = mem_printf(denied ? "pen --edit remove deny %s"
					      : "pen --edit add allow %s",
				       host);
	} else {
		f.found = mem_printf("%s is allowed", host);
	}
	report_add(r, &f);
	free(host);
}

void
agent_check(struct report *r, const char *name)
{
	char dir[] = "/tmp/pen-check.XXXXXX";
	const char *const argv[] = {
	    chain_sibling("pen"), "--project", mkdtemp(dir),
	    "--print=conf",	  name,	       NULL};
	char *text = mem_alloc(SETTINGS_MAX);
	struct settings s = {0};
	int status = argv[2] ? try_text(argv, text, SETTINGS_MAX) : -1;

	rmdir(dir);
	if (status == 0) {
		parse_settings(text, &s);
		check_state(r, name, &s);
		check_key(r, name, &s);
		check_requests(r, name, &s);
	} else {
		struct finding f = {.group = "agents",
				    .name = mem_printf("%s settings", name),
				    .state = REPORT_MISSING,
				    .matters = "It does not start in a pen.",
				    .advice = "Mend pen.conf."};

		text[strcspn(text, "\n")] = '\0';
		f.found = mem_copy(text);
		report_add(r, &f);
	}
	free(s.v);
	free(text);
}
