/*
 * Settings of agents: what is shown and counted goes to the host, what starts
 * programs, sends data elsewhere or answers a question of trust does not.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/jsonkeys.h"
#include "lib/mem.h"
#include "pen-report/keymerge.h"

enum action {
	HELD,  /* and told */
	QUIET, /* held, its agent's own */
	BOOL,  /* these go to the host if they are of that kind */
	NUMBER,
	WORD,
	COUNTS, /* an object of numbers */
	ENTER,	/* an object whose members are decided */
};

struct rule {
	const char *name;
	enum action action;
	const struct rules *inner; /* of ENTER */
};

/* Rows that end with a NULL name, which has the action of all others. */
struct rules {
	const struct rule *rows;
};

/* ~/.claude/settings.json */
static const struct rule claude_settings_rows[] = {
    {"theme", WORD, NULL},
    {"model", WORD, NULL},
    {"editorMode", WORD, NULL},
    {"verbose", BOOL, NULL},
    {"spinnerTipsEnabled", BOOL, NULL},
    {"alwaysThinkingEnabled", BOOL, NULL},
    {"effortLevel", WORD, NULL},
    {"autoScrollEnabled", BOOL, NULL},
    {"prefersReducedMotion", BOOL, NULL},
    {"syntaxHighlightingDisabled", BOOL, NULL},
    {"includeCoAuthoredBy", BOOL, NULL},
    {"feedbackSurveyState", QUIET, NULL},
    {"skipDangerousModePermissionPrompt", QUIET, NULL},
    {"$schema", QUIET, NULL},
    {NULL, HELD, NULL}};
static const struct rules claude_settings = {claude_settings_rows};

/* A project in ~/.claude.json: what it cost, and what was allowed. */
static const struct rule claude_project_rows[] = {
    {"allowedTools", HELD, NULL},
    {"mcpServers", HELD, NULL},
    {"mcpContextUris", HELD, NULL},
    {"enabledMcpjsonServers", HELD, NULL},
    {"disabledMcpjsonServers", HELD, NULL},
    {"enableAllProjectMcpServers", HELD, NULL},
    {"enabledMcpServers", HELD, NULL},
    {"disabledMcpServers", HELD, NULL},
    {"env", HELD, NULL},
    {"hooks", HELD, NULL},
    {"permissions", HELD, NULL},
    {"lastCost", NUMBER, NULL},
    {"lastAPIDuration", NUMBER, NULL},
    {"lastDuration", NUMBER, NULL},
    {"lastLinesAdded", NUMBER, NULL},
    {"lastLinesRemoved", NUMBER, NULL},
    {"lastSessionId", WORD, NULL},
    {"projectOnboardingSeenCount", NUMBER, NULL},
    {"hasCompletedProjectOnboarding", BOOL, NULL},
    {NULL, QUIET, NULL}};
static const struct rules claude_project = {claude_project_rows};
static const struct rule claude_projects_rows[] = {
    {NULL, ENTER, &claude_project}};
static const struct rules claude_projects = {claude_projects_rows};

/* ~/.claude.json: mostly counters and caches. */
static const struct rule claude_state_rows[] = {
    {"projects", ENTER, &claude_projects},
    {"numStartups", NUMBER, NULL},
    {"promptQueueUseCount", NUMBER, NULL},
    {"memoryUsageCount", NUMBER, NULL},
    {"btwUseCount", NUMBER, NULL},
    {"tipsHistory", COUNTS, NULL},
    {"theme", WORD, NULL},
    {"editorMode", WORD, NULL},
    {"verbose", BOOL, NULL},
    {"hasCompletedOnboarding", BOOL, NULL},
    {"lastOnboardingVersion", WORD, NULL},
    {"lastReleaseNotesSeen", WORD, NULL},
    {"firstStartTime", WORD, NULL},
    {"preferredNotifChannel", WORD, NULL},
    {"mcpServers", HELD, NULL},
    {"env", HELD, NULL},
    {"hooks", HELD, NULL},
    {"permissions", HELD, NULL},
    {"allowedTools", HELD, NULL},
    {"apiKeyHelper", HELD, NULL},
    {"statusLine", HELD, NULL},
    {"enabledPlugins", HELD, NULL},
    {"extraKnownMarketplaces", HELD, NULL},
    {"enabledMcpjsonServers", HELD, NULL},
    {"enableAllProjectMcpServers", HELD, NULL},
    {"additionalDirectories", HELD, NULL},
    {"sandbox", HELD, NULL},
    {"outputStyle", HELD, NULL},
    {"awsAuthRefresh", HELD, NULL},
    {"awsCredentialExport", HELD, NULL},
    {"otelHeadersHelper", HELD, NULL},
    {"primaryApiKey", HELD, NULL},
    {NULL, QUIET, NULL}};
static const struct rules claude_state = {claude_state_rows};

/* ~/.gemini/settings.json: what is shown, and how the user signs in. */
static const struct rule gemini_ui_rows[] = {{"theme", WORD, NULL},
					     {"hideTips", BOOL, NULL},
					     {"hideBanner", BOOL, NULL},
					     {"hideFooter", BOOL, NULL},
					     {"showLineNumbers", BOOL, NULL},
					     {"showMemoryUsage", BOOL, NULL},
					     {NULL, HELD, NULL}};
static const struct rules gemini_ui = {gemini_ui_rows};
static const struct rule gemini_general_rows[] = {{"vimMode", BOOL, NULL},
						  {NULL, HELD, NULL}};
static const struct rules gemini_general = {gemini_general_rows};
static const struct rule gemini_model_rows[] = {{"name", WORD, NULL},
						{NULL, HELD, NULL}};
static const struct rules gemini_model = {gemini_model_rows};
static const struct rule gemini_auth_rows[] = {{"selectedType", WORD, NULL},
					       {NULL, HELD, NULL}};
static const struct rules gemini_auth = {gemini_auth_rows};
static const struct rule gemini_security_rows[] = {
    {"auth", ENTER, &gemini_auth}, {NULL, HELD, NULL}};
static const struct rules gemini_security = {gemini_security_rows};
static const struct rule gemini_rows[] = {{"ui", ENTER, &gemini_ui},
					  {"general", ENTER, &gemini_general},
					  {"model", ENTER, &gemini_model},
					  {"security", ENTER, &gemini_security},
					  {"theme", WORD, NULL},
					  {"$version", QUIET, NULL},
					  {NULL, HELD, NULL}};
static const struct rules gemini = {gemini_rows};

/* ~/.gemini/trustedFolders.json: its answers stay in the pen. */
static const struct rule gemini_trust_rows[] = {{NULL, QUIET, NULL}};
static const struct rules gemini_trust = {gemini_trust_rows};

/* All others': what is shown. */
static const struct rule other_rows[] = {
    {"theme", WORD, NULL},
    {"$schema", QUIET, NULL},
    {"lastChangelogVersion", QUIET, NULL}, /* of pi */
    {NULL, HELD, NULL}};
static const struct rules other = {other_rows};

static const struct {
	const char *name;
	const struct rules *rules;
} known[] = {{"claude", &claude_settings},
	     {"claude-state", &claude_state},
	     {"gemini", &gemini},
	     {"gemini-trust", &gemini_trust}};

/* A value, by itself. */
static int
is_string_of(const struct jsonkey *v, const char *bytes, size_t max)
{
	if (v->value_n < 2 || v->value_n > max + 2 || *v->value != '"')
		return 0;
	for (size_t i = 1; i < v->value_n - 1; i++)
		if (!strchr(bytes, v->value[i]) || !v->value[i])
			return 0;
	return 1;
}

static int
is_number(const struct jsonkey *v)
{
	return v->value_n < 64 && strchr("-0123456789", *v->value) != NULL;
}

static int
is_counts(const struct jsonkey *v)
{
	struct jsonkeys k;
	int good = jsonkeys_parse(&k, v->value, v->value_n) == 0;

	for (size_t i = 0; good && i < k.n; i++)
		good = is_number(&k.v[i]);
	free(k.v);
	return good;
}

static int
is_of_kind(const struct jsonkey *v, enum action action)
{
	static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz"
				   "0123456789 ._:[]-";

	switch (action) {
	case BOOL:
		return v->value_n >= 4 && strchr("tf", *v->value) != NULL;
	case NUMBER:
		return is_number(v);
	case WORD:
		return is_string_of(v, word, 64);
	case COUNTS:
		return is_counts(v);
	default:
		return 0;
	}
}

static int
is_empty(const struct jsonkey *v)
{
	return jsonkeys_equal(v,
			      &(struct jsonkey){.value = "{}", .value_n = 2}) ||
	       jsonkeys_equal(v,
			      &(struct jsonkey){.value = "[]", .value_n = 2});
}

static const struct rule *
find_rule(const struct rules *rules, const struct jsonkey *key)
{
	const struct rule *r = rules->rows;

	while (r->name && (strlen(r->name) != key->name_n ||
			   memcmp(r->name, key->name, key->name_n) != 0))
		r++;
	return r;
}

/* One object on each side. */
struct sides {
	struct jsonkeys base, now, draft;
};

/* Texts of one object that are being made, and what is held of it. */
struct result {
	struct keymerge *m;
	const char *prefix; /* of the names of what is held */
	char *host, *draft;
	int held;
};

static int merge_object(struct result *r, const char *base, const char *now,
			const char *draft, const struct rules *rules);

static int
parse_or_empty(struct jsonkeys *k, const char *text)
{
	*k = (struct jsonkeys){0};
	return text[strspn(text, " \t\n\r")]
		   ? jsonkeys_parse(k, text, strlen(text))
		   : 0;
}

static char *
text_of(const struct jsonkey *key)
{
	return key ? mem_part(key->value, key->value_n) : mem_copy("");
}

/* Sets name, key's, in *text.  0, or -1. */
static int
set(char **text, const struct jsonkey *name, const struct jsonkey *value)
{
	char *next = jsonkeys_set(*text, name->name, name->name_n, value);

	if (!next)
		return -1;
	free(*text);
	*text = next;
	return 0;
}

/* The same with a text for the value; an empty one is left out. */
static int
set_text(char **text, const struct jsonkey *name, const char *value)
{
	struct jsonkey key = {.value = value, .value_n = strlen(value)};

	if (key.value_n == 0 && **text == '\0')
		return 0; /* nothing of nothing */
	return set(text, name, key.value_n ? &key : NULL);
}

static char *
join_names(const char *prefix, const struct jsonkey *key)
{
	return mem_printf("%s%s%.*s", prefix, *prefix ? "." : "",
			  (int)key->name_n, key->name);
}

/* The key's members decide.  0, or -1. */
static int
enter(struct result *r, const struct jsonkey *key, const struct jsonkey *base,
      const struct jsonkey *now, const struct jsonkey *draft,
      const struct rules *rules)
{
	char *texts[] = {text_of(base), text_of(now), text_of(draft)};
	char *prefix = join_names(r->prefix, key);
	struct result inner = {.m = r->m, .prefix = prefix};
	int bad = merge_object(&inner, texts[0], texts[1], texts[2], rules);

	if (!bad) {
		r->held |= inner.held;
		bad = set_text(&r->host, key, inner.host) < 0 ||
		      set_text(&r->draft, key, inner.draft) < 0;
	}
	free(inner.host);
	free(inner.draft);
	free(prefix);
	for (int i = 0; i < 3; i++)
		free(texts[i]);
	return bad ? -1 : 0;
}

static int
is_object(const struct jsonkey *key)
{
	return !key || *key->value == '{';
}

/* Decides about a member that the run changed.  0, or -1. */
static int
decide_member(struct result *r, const struct sides *s,
	      const struct jsonkey *key, const struct rules *rules)
{
	const struct jsonkey *b =
	    jsonkeys_find(&s->base, key->name, key->name_n);
	const struct jsonkey *n =
	    jsonkeys_find(&s->now, key->name, key->name_n);
	const struct jsonkey *d =
	    jsonkeys_find(&s->draft, key->name, key->name_n);
	const struct rule *rule = find_rule(rules, key);
	int merges;

	if (jsonkeys_equal(b, d) || jsonkeys_equal(n, d))
		return 0;
	if (rule->action == ENTER && is_object(b) && is_object(n) &&
	    is_object(d))
		return enter(r, key, b, n, d, rule->inner);
	/* an empty list that was not there says what none said */
	merges = d && (is_of_kind(d, rule->action) || (!n && is_empty(d)));
	if (merges && set(&r->host, key, d) < 0)
		return -1;
	if (!merges) {
		/* a value of another kind is news, whatever the rule */
		keymerge_hold(
		    r->m, (struct keymerge_held){
			      join_names(r->prefix, key), n ? text_of(n) : NULL,
			      d ? text_of(d) : NULL, rule->action == QUIET});
		r->held = 1;
	}
	return set(&r->draft, key, d);
}

static int
merge_object(struct result *r, const char *base, const char *now,
	     const char *draft, const struct rules *rules)
{
	struct sides s = {0};
	int bad = parse_or_empty(&s.base, base) < 0 ||
		  parse_or_empty(&s.now, now) < 0 ||
		  parse_or_empty(&s.draft, draft) < 0;

	r->host = mem_copy(now);
	r->draft = mem_copy(now);
	for (size_t i = 0; !bad && i < s.draft.n; i++)
		bad = decide_member(r, &s, &s.draft.v[i], rules) < 0;
	for (size_t i = 0; !bad && i < s.base.n; i++)
		if (!jsonkeys_find(&s.draft, s.base.v[i].name,
				   s.base.v[i].name_n))
			bad = decide_member(r, &s, &s.base.v[i], rules) < 0;
	free(s.base.v);
	free(s.now.v);
	free(s.draft.v);
	return bad ? -1 : 0;
}

int
keymerge_json(struct keymerge *m, const char *base, const char *now,
	      const char *draft, const char *rules)
{
	const struct rules *found = &other;
	struct result r = {.m = m, .prefix = ""};

	*m = (struct keymerge){0};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i].name, rules) == 0)
			found = known[i].rules;
	if (merge_object(&r, base, now, draft, found) < 0) {
		free(r.host);
		free(r.draft);
		keymerge_free(m);
		return -1;
	}
	m->host = r.host;
	if (r.held)
		m->draft = r.draft;
	else
		free(r.draft);
	return 0;
}

/* Members of objects in objects count by themselves so deep. */
#define JOIN_DEPTH 4

static char *
join_objects(const char *then, const char *now, const char *mine, int depth)
{
	struct jsonkeys was, is = {0}, there = {0};
	int bad = parse_or_empty(&was, then) < 0 ||
		  parse_or_empty(&is, mine) < 0 ||
		  parse_or_empty(&there, now) < 0;
	char *out = bad ? NULL : mem_copy(now);
	const struct jsonkeys *both[] = {&is, &was};

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; out && i < both[k]->n; i++) {
			const struct jsonkey *key = &both[k]->v[i];
			const struct jsonkey *a =
			    jsonkeys_find(&was, key->name, key->name_n);
			const struct jsonkey *b =
			    jsonkeys_find(&is, key->name, key->name_n);
			const struct jsonkey *c =
			    jsonkeys_find(&there, key->name, key->name_n);
			char *texts[] = {text_of(a), text_of(c), text_of(b)};
			char *inner = NULL;

			if (depth > 0 && b && c && is_object(a) &&
			    is_object(b) && is_object(c))
				inner = join_objects(texts[0], texts[1],
						     texts[2], depth - 1);
			bad = jsonkeys_equal(a, b) ? 0
			      : inner		   ? set_text(&out, key, inner)
						   : set(&out, key, b);
			free(inner);
			for (int t = 0; t < 3; t++)
				free(texts[t]);
			if (bad) {
				free(out);
				out = NULL;
			}
		}
	free(was.v);
	free(is.v);
	free(there.v);
	return out;
}

char *
keymerge_join_json(const char *then, const char *now, const char *mine)
{
	return join_objects(then, now, mine, JOIN_DEPTH);
}
