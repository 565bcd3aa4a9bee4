#include "pen/policy.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen/answer.h"
#include "pen/conf.h"
#include "pen/group.h"
#include "pen/jsonfile.h"
#include "pen/keygit.h"
#include "pen/managed.h"
#include "pen/options.h"
#include "pen/path.h"
#include "pen/tell.h"

/* The shipped file for a name in agents or groups, if there is one. */
static struct conf *
read_shipped(const struct pen *pen, const char *kind, const char *name)
{
	if (strchr(name, '/'))
		return NULL;
	return conf_read(mem_printf("%s/%s/%s.conf", pen->shipped, kind, name),
			 0);
}

struct files {
	const struct conf *shipped, *system, *user;
	struct pen *pen;
};

/* Applies the sections of one kind, file by file. */
static int
apply(struct pen *pen, const struct files *f, enum section_kind kind,
      const char *title)
{
	const struct conf *const order[] = {f->shipped, f->system, f->user};
	int found = 0;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		found |= conf_apply(order[i], kind, title, pen->project.home,
				    &pen->set);
	return found;
}

/*
 * The agent: the one that is named, or the first of the program's names that a
 * file knows.  A program in the project is whatever the project says it is.
 */
static void
apply_agent(struct pen *pen, struct files *f)
{
	const struct strv *names = &pen->program.names;

	if (pen->agent) {
		f->shipped = read_shipped(pen, "agents", pen->agent);
		if (!apply(pen, f, SECTION_AGENT, pen->agent))
			die_hint(
			    mem_printf("%sagents are sections of "
				       "pen.conf(5), and files of the "
				       "agents directory",
				       answer_hint(pen, "agents", pen->agent)),
			    "there is no agent '%s'", pen->agent);
		return;
	}
	for (size_t i = 0; i < names->n; i++) {
		f->shipped = read_shipped(pen, "agents", names->v[i]);
		if (apply(pen, f, SECTION_AGENT, names->v[i])) {
			pen->agent = names->v[i];
			break;
		}
	}
	if (!pen->agent || !pen->program.in_project)
		return;
	err_warn("'%s' is in the project: it is not taken for the agent '%s'",
		 pen->program.path, pen->agent);
	err_hint("pen --agent %s takes it for one", pen->agent);
	pen->agent = NULL;
	f->shipped = NULL;
	settings_init(&pen->set);
}

/* Last, what was typed. */
static void
apply_typed(struct pen *pen)
{
	for (int k = 0; k < SET_KEYS; k++)
		for (size_t i = 0; i < pen->typed.list[k].n; i++)
			settings_add(&pen->set, (enum settings_key)k,
				     pen->typed.list[k].v[i].text,
				     COMMAND_LINE);
}

static char *
hint_group(void *arg, const char *name)
{
	const struct files *f = arg;

	return answer_hint(f->pen, "groups", name);
}

/* The group's sections, file by file. */
static int
find_group(void *arg, const char *name, struct settings *s)
{
	const struct files *f = arg;
	const struct conf *const order[] = {
	    read_shipped(f->pen, "groups", name), f->system, f->user};
	int found = 0;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		found |= conf_apply(order[i], SECTION_GROUP, name,
				    f->pen->project.home, s);
	return found;
}

static int
is_typed(const struct settings_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].from, COMMAND_LINE) == 0)
			return 1;
	return 0;
}

/* What was typed would be dropped without a word. */
static void
check_network(const struct settings *s)
{
	static const struct {
		enum settings_key key;
		int offline, unruled; /* has no meaning then */
	} keys[] = {
	    {SET_ALLOW, 1, 1}, {SET_DENY, 0, 1},	 {SET_PUBLISH, 1, 0},
	    {SET_REACH, 1, 0}, {SET_PRIVATE_HOST, 0, 1}, {SET_CONNECT_TO, 0, 1},
	};
	const struct settings_item *network = &s->list[SET_NETWORK].v[0];
	int offline = strcmp(network->text, "offline") == 0;
	int proxy = settings_proxy(network->text) != NULL;
	int open = strcmp(network->text, "open") == 0;

	/* its filter lets nobody load packet rules, --nested or not */
	if (!offline && access("/run/pen/pen-filter", F_OK) == 0)
		die_hint("pen --offline works there, if the outer one was "
			 "started with --nested",
			 "a pen inside a pen has no network of its own");
	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
		if (!is_typed(&s->list[keys[k].key]))
			continue;
		if (offline && keys[k].offline)
			die(ERR_TOOL,
			    "--%s needs a network, and there is "
			    "none: network is offline (%s)",
			    options_name(keys[k].key), network->from);
		if ((proxy || open) && keys[k].unruled)
			die(ERR_TOOL,
			    "--%s has no say where %s: network is "
			    "%s (%s)",
			    options_name(keys[k].key),
			    proxy ? "the proxy decides"
				  : "every public address is reached",
			    network->text, network->from);
	}
	if ((proxy || open) && s->list[SET_LIMIT].n > 0)
		err_warn("limit has no say: network is %s (%s)", network->text,
			 network->from);
	if ((proxy || open) && s->list[SET_KEY_GIT].n > 0)
		err_warn("key_git has no say: network is %s (%s)",
			 network->text, network->from);
}

/*
 * Options behind the program are the program's.  These are pen's alone, and no
 * agent is known that has them.
 */
static void
check_order(const struct pen *pen)
{
	static const char *const ours[] = {
	    "allow",	  "deny",   "private", "publish",
	    "reach",	  "ro",	    "rw",      "audit",
	    "connect-to", "no-ask", "open",    "project-anyway"};

	if (!pen->agent)
		return;
	for (char *const *arg = pen->prog + 1; *arg; arg++)
		for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
			size_t n = strlen(ours[i]);

			if (strcmp(*arg, "--") == 0)
				return;
			if (strncmp(*arg, "--", 2) != 0 ||
			    strncmp(*arg + 2, ours[i], n) != 0 ||
			    ((*arg)[2 + n] != '\0' && (*arg)[2 + n] != '='))
				continue;
			err_warn("'%s' comes after '%s', and is an option of "
				 "%s there",
				 *arg, pen->prog[0], pen->agent);
			err_hint("options of pen come first: pen --%s ... %s",
				 ours[i], pen->agent);
			return;
		}
}

/*
 * Whether the JSON file has true at the key, as "FILE#MEMBER.MEMBER" says.  One
 * in the project is whatever the project says: it can take away the agent's own
 * sandbox, which it could do by itself, and nothing of the pen.
 */
static int
is_set_in_json(const char *text, const struct project *p)
{
	const char *hash = strrchr(text, '#');
	char *part = mem_part(text, (size_t)(hash - text));
	char *full = strchr("/~", *part) ? part : path_join(p->root, part);
	char *path = path_expand(full, p->home);
	json_t *top = jsonfile_read(path);
	int set = json_is_true(jsonfile_member(top, hash + 1));

	json_decref(top);
	free(path);
	free(part);
	return set;
}

/* Whether one of the files of args_if says so, or none is named. */
static int
wants_args(const struct pen *pen)
{
	const struct settings_list *l = &pen->set.list[SET_ARGS_IF];

	for (size_t i = 0; i < l->n; i++)
		if (is_set_in_json(l->v[i].text, &pen->project))
			return 1;
	return l->n == 0;
}

/*
 * The agent's own arguments come before those that were typed; another program
 * that --agent takes for one would not know them, nor may a user's script of
 * the agent's name.
 */
static void
add_args(struct pen *pen)
{
	const struct settings_list *l = &pen->set.list[SET_ARGS];
	const struct strv *names = &pen->program.names;
	struct strv words = {0};
	size_t k = 0, n = wants_args(pen) ? l->n : 0;

	while (k < names->n &&
	       !(pen->agent && strcmp(names->v[k], pen->agent) == 0))
		k++;
	if (k == names->n || pen->program.is_wrapper)
		return;
	strv_push(&words, pen->prog[0]);
	tell_args(&pen->set, &pen->project, pen->prog + 1, &words);
	for (size_t i = 0; i < pen->keys.args.n; i++)
		strv_push(&words, pen->keys.args.v[i]);
	for (size_t i = 0; i < n; i++)
		strv_push(&words, l->v[i].text);
	pen->given = words.n - 1;
	for (char *const *w = pen->prog + 1; *w; w++)
		strv_push(&words, *w);
	pen->prog = words.v;
}

/*
 * The credentials that stay outside.  Without pen-sni there is nobody to hand
 * connections to pen-key, and every host is reached all the same.
 */
static void
find_keys(struct pen *pen)
{
	const char *network = settings_value(&pen->set, SET_NETWORK);
	struct settings set = pen->set;

	if (strcmp(network, "offline") == 0)
		return;
	for (int k = 0; pen->no_key && k < SET_LISTS; k++) {
		/* only to tell what there would be */
		set.list[k].v =
		    mem_alloc((set.list[k].n + 1) * sizeof(*set.list[k].v));
		for (size_t i = 0; i < set.list[k].n; i++)
			set.list[k].v[i] = pen->set.list[k].v[i];
	}
	key_find(&pen->keys, pen->no_key ? &set : &pen->set, &pen->project,
		 &pen->allow_only);
	if (!pen->no_key)
		key_warn(&pen->keys, &pen->set, &pen->project);
	if (!pen->no_key && strcmp(network, "allowlist") == 0 &&
	    set.list[SET_KEY_GIT].n > 0) {
		run_find(&pen->run, &pen->project, pen->state, "");
		keygit_find(&pen->keys, &pen->set, &pen->project,
			    &pen->allow_only, pen->run.dir, pen->new_remotes);
	}
	if (pen->keys.n == 0)
		return;
	if (pen->no_key)
		err_warn("--no-key: the credential for %s is inside, and "
			 "anything can be sent to any account there",
			 pen->keys.v[0].host);
	else if (strcmp(network, "allowlist") != 0)
		die_hint("pen --no-key leaves the agent its credential",
			 "network is %s: there every host is reached, and the "
			 "credential for %s cannot be kept outside",
			 network, pen->keys.v[0].host);
	if (pen->no_key)
		pen->keys = (struct keys){0};
}

void
policy_read(struct pen *pen)
{
	const char *profile = pen->profile ? pen->profile : "default";
	struct files f = {.pen = pen};

	f.system = conf_read("/etc/pen/pen.conf", 1);
	f.user = conf_read(pen->user, 1);
	if (pen->config && !f.user)
		die(ERR_TOOL, "cannot read '%s': %s", pen->config,
		    strerror(ENOENT));
	settings_init(&pen->set);
	apply_agent(pen, &f);
	if (!apply(pen, &f, SECTION_PROFILE, profile) &&
	    strcmp(profile, "default") != 0)
		die_hint(mem_printf("%spen --list profiles lists them",
				    answer_hint(pen, "profiles", profile)),
			 "there is no profile '%s' in pen.conf", profile);
	apply(pen, &f, SECTION_PROJECT, pen->project.root);
	apply_typed(pen);
	check_network(&pen->set);
	group_expand(&pen->set, pen->project.home,
		     &(struct group_source){find_group, hint_group, &f});
	managed_apply(&pen->set, &pen->allow_only);
	check_order(pen);
	find_keys(pen);
	add_args(pen);
	tell_env(&pen->set);
}
