#include "pen/group.h"

#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/rule.h"
#include "pen/tools.h"
#include "pen/url.h"

static const struct {
	const char *name;
	tools_fn *fn;
} tools[] = {{"npm", tools_npm}, {"pip", tools_pip}, {"apt", tools_apt}};

/* Where everything that comes of one occurrence of a group goes. */
struct place {
	struct settings *s;
	struct settings *env; /* NULL: it denies, and tells prog nothing */
	enum settings_key key;
	const char *from; /* "FILE, agent claude, @npm" */
};

/*
 * A URL in somebody's configuration may be of a kind that nothing forwards
 * (file:, cdrom:), or an address.
 */
static void
add_url(struct place *p, const char *url)
{
	char *text = url_rule(url);
	struct rule r;

	if (text && !rule_parse(text, &r) && strcmp(r.name, "localhost") == 0) {
		err_warn("%s: port %u of the host's loopback is not reached",
			 p->from, r.port);
		err_hint("pen --reach %u", r.port);
	} else if (text && !rule_parse(text, &r)) {
		char *rule = mem_alloc(RULE_TEXT);

		rule_format(&r, rule, RULE_TEXT);
		settings_add(p->s, p->key, rule, p->from);
	} else if (strstr(url, "://") && strncmp(url, "file:", 5) != 0) {
		char *public = url_public(url);

		err_warn("%s: '%s' is not a host that a rule can have", p->from,
			 public);
		free(public);
	}
	free(text);
}

/* What the user sets is not ours to set. */
static int
is_set(const struct settings *s, const char *assignment)
{
	const struct settings_list *l = &s->list[SET_ENV];
	size_t n = strcspn(assignment, "=");

	for (size_t i = 0; i < l->n; i++)
		if (strncmp(l->v[i].text, assignment, n) == 0 &&
		    (l->v[i].text[n] == '\0' || l->v[i].text[n] == '='))
			return 1;
	return 0;
}

static int
add_tool(struct place *p, const char *name, const char *home)
{
	struct tools t = {.home = home};
	size_t i = 0;

	while (i < sizeof(tools) / sizeof(*tools) &&
	       strcmp(tools[i].name, name) != 0)
		i++;
	if (i == sizeof(tools) / sizeof(*tools))
		return 0;
	tools[i].fn(&t);
	for (i = 0; i < t.urls.n; i++)
		add_url(p, t.urls.v[i]);
	/* the last one counts, as it does for the tool */
	if (p->env && t.env.n > 0 && !is_set(p->env, t.env.v[t.env.n - 1]))
		settings_add(p->env, SET_ENV, t.env.v[t.env.n - 1], p->from);
	return 1;
}

static void
add_group(struct place *p, const char *name, const char *home,
	  const struct group_source *source)
{
	struct settings found = {0};
	const struct settings_list *l = &found.list[SET_ALLOW];

	if (source->find(source->arg, name, &found)) {
		for (size_t i = 0; i < l->n; i++) {
			if (*l->v[i].text == '@')
				die(ERR_TOOL, "%s: a group names a group: '%s'",
				    p->from, l->v[i].text);
			settings_add(p->s, p->key, l->v[i].text, p->from);
		}
		settings_clear(&found, SET_ALLOW);
	} else if (!add_tool(p, name, home)) {
		die_hint(mem_printf("%sgroups are sections of pen.conf(5), "
				    "and files of the groups directory",
				    source->hint(source->arg, name)),
			 "%s: there is no group '%s'", p->from, name);
	}
}

void
group_expand(struct settings *s, const char *home,
	     const struct group_source *source)
{
	static const enum settings_key keys[] = {SET_ALLOW, SET_DENY};

	for (size_t k = 0; k < 2; k++) {
		struct settings_list old = s->list[keys[k]];

		s->list[keys[k]] = (struct settings_list){0};
		for (size_t i = 0; i < old.n; i++) {
			const struct settings_item *it = &old.v[i];
			struct place p = {s, keys[k] == SET_ALLOW ? s : NULL,
					  keys[k], NULL};

			if (*it->text != '@') {
				settings_add(s, keys[k], it->text, it->from);
				continue;
			}
			p.from = mem_printf("%s, %s", it->from, it->text);
			add_group(&p, it->text + 1, home, source);
		}
		free(old.v);
	}
}

void
group_builtin(struct strv *names)
{
	for (size_t i = 0; i < sizeof(tools) / sizeof(*tools); i++)
		strv_push(names, tools[i].name);
}
