#include "pen/key.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/file.h"
#include "lib/rule.h"
#include "pen/jsonfile.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/view_draft.h"

static const struct {
	const char *name, *host;
} apis[] = {{"anthropic", "api.anthropic.com"},
	    {"openai", "api.openai.com"},
	    {"gemini", "generativelanguage.googleapis.com"}};

static const char *
host_of(const char *api, const struct settings_item *item)
{
	for (size_t i = 0; i < sizeof(apis) / sizeof(*apis); i++)
		if (strcmp(apis[i].name, api) == 0)
			return apis[i].host;
	die_hint("anthropic, openai and gemini are known",
		 "key: '%s' (%s): there is no API of that name", api,
		 item->from);
}

/* The words of a setting, at most max; the rest of it is the last one's. */
static size_t
split_words(const char *text, char **words, size_t max)
{
	char *rest = mem_copy(text);
	size_t n = 0;

	while (rest && *rest && n + 1 < max) {
		words[n++] = strsep(&rest, " ");
		while (rest && *rest == ' ')
			rest++;
	}
	if (rest && *rest)
		words[n++] = rest;
	return n;
}

/* Whether the setting is of that API; *what is what follows. */
static int
is_of(const struct settings_item *item, const char *api, const char **what)
{
	size_t n = strlen(api);

	if (strncmp(item->text, api, n) != 0 || item->text[n] != ' ')
		return 0;
	*what = item->text + n + 1 + strspn(item->text + n + 1, " ");
	return 1;
}

static const struct key *
find_key(const struct keys *k, const char *api)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->v[i].api, api) == 0)
			return &k->v[i];
	return NULL;
}

/* Whether there is such a credential; a file's "~" is made whole. */
static int
is_there(const char **source, const struct project *p)
{
	const char *hash = strrchr(*source, '#'), *value;
	char *part, *path;
	json_t *top;
	int there;

	if (strncmp(*source, "env:", 4) == 0) {
		value = getenv(*source + 4);
		return value && *value;
	}
	if (!hash)
		return 0;
	part = mem_part(*source + 5, (size_t)(hash - *source - 5));
	path = path_expand(part, p->home);
	top = jsonfile_read(path);
	value = json_string_value(jsonfile_member(top, hash + 1));
	there = value && *value;
	json_decref(top);
	*source = mem_printf("file:%s%s", path, hash);
	free(part);
	free(path);
	return there;
}

/*
 * Where the API is, if a variable of the user's says it: NAME, and what its URL
 * has behind what stands before the API's own paths.  Its value inside goes to
 * *env.  0, or -1 when pen-key cannot serve it: then the key is not used.  The
 * variable may be the project's making (direnv): the host has to be allowed.
 */
static int
find_base(const struct settings *s, struct key *key, const char **env)
{
	const struct settings_list *bases = &s->list[SET_KEY_BASE];
	const struct settings_list *allow = &s->list[SET_ALLOW];
	const char *what, *url, *path;
	struct rule host, r;
	char *w[2];

	for (size_t i = 0; i < bases->n; i++) {
		size_t n = is_of(&bases->v[i], key->api, &what)
			       ? split_words(what, w, 2)
			       : 0;
		size_t end = n > 1 ? strlen(w[1]) : 0, len;
		int allowed = 0;

		url = n > 0 ? getenv(w[0]) : NULL;
		if (!url || !*url)
			continue;
		if (strncmp(url, "https://", 8) != 0)
			return -1;
		url += 8;
		path = url + strcspn(url, "/");
		if (rule_parse(mem_part(url, (size_t)(path - url)), &host) ||
		    host.wildcard || host.proto != RULE_TLS)
			return -1;
		for (size_t j = 0; j < allow->n; j++)
			allowed |= !rule_parse(allow->v[j].text, &r) &&
				   r.port == host.port &&
				   rule_matches(&r, host.name);
		len = strlen(path);
		len -= len > 0 && path[len - 1] == '/';
		*env = mem_printf("%s=http://%s%.*s", w[0], host.name, (int)len,
				  path);
		if (!allowed || len < end ||
		    strncmp(path + len - end, w[1], end) != 0)
			return -1;
		key->host = mem_copy(host.name);
		key->port = host.port;
		key->path = mem_part(path, len - end);
		return 0;
	}
	return 0;
}

/* Whether something says that the agent uses another API. */
static int
is_unless(const struct settings *s, const char *api)
{
	const struct settings_list *l = &s->list[SET_KEY_UNLESS];
	const char *what;

	for (size_t i = 0; i < l->n; i++) {
		const char *value;

		if (!is_of(&l->v[i], api, &what))
			continue;
		value = getenv(what);
		if (value && *value)
			return 1;
	}
	return 0;
}

/* "x-api-key" and "bearer", as pen-key's --header has them. */
static const char *
header_of(const char *word)
{
	return strcmp(word, "bearer") == 0 ? "Authorization: Bearer "
					   : mem_printf("%s: ", word);
}

/* Whether a rule of the user's or of managed.conf keeps the agent from it. */
static int
is_forbidden(const struct settings *s, const struct strv *allow_only,
	     const char *host)
{
	const struct settings_list *l = &s->list[SET_DENY];
	struct rule r;
	int may = allow_only->n == 0;

	for (size_t i = 0; i < l->n; i++)
		if (!rule_parse(l->v[i].text, &r) && rule_matches(&r, host))
			return 1;
	for (size_t i = 0; i < allow_only->n; i++)
		may |=
		    !rule_parse(allow_only->v[i], &r) && rule_matches(&r, host);
	return !may;
}

/* Takes the host out of what is allowed; a wildcard of it has no say either. */
static void
hold_back_host(struct settings *s, const char *host)
{
	const struct settings_list *l = &s->list[SET_ALLOW];
	struct rule r;

	for (size_t i = l->n; i > 0; i--) {
		const struct settings_item *a = &l->v[i - 1];

		if (rule_parse(a->text, &r) || !rule_matches(&r, host))
			continue;
		if (r.wildcard)
			err_warn("'%s' (%s) does not allow %s, which is "
				 "pen-key's",
				 a->text, a->from, host);
		else
			settings_remove(s, SET_ALLOW, a->text);
	}
}

/* Pushes what the setting has for the API. */
static void
push_values(const struct settings *s, enum settings_key key, const char *api,
	    struct strv *to)
{
	const struct settings_list *l = &s->list[key];
	const char *what;

	for (size_t i = 0; i < l->n; i++)
		if (is_of(&l->v[i], api, &what))
			strv_push(to, what);
}

/* All variables that may hold a credential of that API. */
static void
hide_variables(struct keys *k, const struct settings *s, const char *api)
{
	const struct settings_list *l = &s->list[SET_KEY];
	char *words[5];
	const char *what;

	for (size_t i = 0; i < l->n; i++)
		if (is_of(&l->v[i], api, &what) &&
		    split_words(what, words, 5) > 0 &&
		    strncmp(words[0], "env:", 4) == 0)
			strv_push(&k->hidden, words[0] + 4);
}

/* Sets a variable, but where the list has it already. */
static void
set_once(struct strv *env, const char *text)
{
	size_t n = strcspn(text, "=") + 1;

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], text, n) == 0)
			return;
	strv_push(env, text);
}

static void
use_key(struct keys *k, struct settings *s, const struct key *key,
	const char *base)
{
	struct strv list = {0};

	k->v = mem_room(k->v, k->n, sizeof(*k->v));
	k->v[k->n++] = *key;
	hide_variables(k, s, key->api);
	if (key->variable)
		strv_push(&k->env,
			  mem_printf("%s=%s", key->variable, key->placeholder));
	if (base)
		strv_push(&k->env, base);
	push_values(s, SET_KEY_ENV, key->api, &list);
	for (size_t i = 0; i < list.n; i++)
		set_once(&k->env, list.v[i]);
	push_values(s, SET_KEY_ARGS, key->api, &k->args);
	push_values(s, SET_KEY_FILE, key->api, &k->files);
	push_values(s, SET_KEY_SEED, key->api, &k->seeds);
	list.n = 0;
	push_values(s, SET_KEY_HOLD, key->api, &list);
	for (size_t i = 0; i < list.n; i++)
		if (strcmp(list.v[i], key->host) != 0)
			strv_push(&k->held, list.v[i]);
	hold_back_host(s, key->host);
}

void
key_find(struct keys *k, struct settings *s, const struct project *p,
	 const struct strv *allow_only)
{
	const struct settings_list *l = &s->list[SET_KEY];
	int commanded = s->list[SET_KEY_COMMAND].n > 0;

	k->home = p->home;
	for (size_t i = 0; i < l->n; i++) {
		char *w[5] = {NULL};
		size_t n = split_words(l->v[i].text, w, 5);
		struct key key = {.api = w[0],
				  .host = host_of(w[0], &l->v[i]),
				  .port = 443,
				  .path = "",
				  .from = w[1],
				  .header = header_of(w[2]),
				  .placeholder = w[3],
				  .variable = n > 4 ? w[4] : NULL};
		int is_env = strncmp(w[1], "env:", 4) == 0;
		const char *base = NULL;

		if (is_env && !key.variable)
			key.variable = key.from + 4;
		if (find_key(k, w[0]) || is_unless(s, w[0]) ||
		    find_base(s, &key, &base) < 0 ||
		    is_forbidden(s, allow_only, key.host))
			continue;
		if (commanded && i == 0)
			key.from = NULL;
		else if (!is_there(&key.from, p))
			continue;
		use_key(k, s, &key, base);
	}
	for (size_t i = 0; i < k->held.n; i++)
		hold_back_host(s, k->held.v[i]);
}

void
key_take(struct keys *k, struct settings *s, const struct key *key,
	 const struct strv *allow_only)
{
	if (is_forbidden(s, allow_only, key->host))
		return;
	k->v = mem_room(k->v, k->n, sizeof(*k->v));
	k->v[k->n++] = *key;
	hold_back_host(s, key->host);
}

void
key_warn(const struct keys *k, const struct settings *s,
	 const struct project *p)
{
	const struct settings_list *l = &s->list[SET_KEY_INSIDE];

	for (size_t i = 0; i < l->n; i++) {
		char *w[3] = {NULL};
		size_t n = split_words(l->v[i].text, w, 3);
		const char *source = w[1];

		if (n < 3 || find_key(k, w[0]) || is_unless(s, w[0]) ||
		    !is_there(&source, p))
			continue;
		err_warn("the credential in %s is inside",
			 strchr(source, ':') + 1);
		err_hint("%s", w[2]);
	}
}

/*
 * Sets a member of the copy: MEMBER=VALUE, a number or true where it is one; or
 * MEMBER, which stays what it is in the file.
 */
static void
set_member(json_t *copy, json_t *file, char *text)
{
	char *equal = strchr(text, '='), *rest = NULL, *last = NULL;
	json_t *value;

	if (equal)
		*equal = '\0';
	value = equal ? NULL : json_incref(jsonfile_member(file, text));
	if (equal && equal[1] && !equal[1 + strspn(equal + 1, "0123456789")])
		value = json_integer(strtoll(equal + 1, NULL, 10));
	else if (equal && strcmp(equal + 1, "true") == 0)
		value = json_true();
	else if (equal)
		value = json_string(equal + 1);
	for (char *name = strtok_r(text, ".", &rest); name && value;
	     name = strtok_r(NULL, ".", &rest)) {
		if (last) {
			json_t *next = json_object_get(copy, last);

			if (!json_is_object(next)) {
				next = json_object();
				json_object_set_new(copy, last, next);
			}
			copy = next;
		}
		last = name;
	}
	if (last)
		json_object_set_new(copy, last, value);
	else
		json_decref(value);
}

/* What the inside has in the file's place: nothing but what is listed. */
static char *
make_copy(const char *path, char *members)
{
	json_t *file = jsonfile_read(path), *copy = json_object();
	char *rest = NULL, *text;

	for (char *m = strtok_r(members, " ", &rest); m;
	     m = strtok_r(NULL, " ", &rest))
		set_member(copy, file, m);
	text = json_dumps(copy, JSON_COMPACT);
	if (!text)
		die(ERR_TOOL, "cannot make a copy of '%s'", path);
	json_decref(copy);
	json_decref(file);
	return text;
}

static void
write_copy(char *path, const char *text)
{
	char *parent = path_parent(path), *real = NULL;
	int dir = path_open(parent, 1, NULL, NULL, &real), fd = -1;

	if (dir >= 0)
		fd = openat(dir, strrchr(path, '/') + 1,
			    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
				O_CLOEXEC,
			    0600);
	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		die(ERR_TOOL, "cannot write '%s': %m", path);
	close(fd);
	close(dir);
	free(parent);
	free(path);
}

/*
 * Gives the project's draft of a file a member that an agent would ask the user
 * for, if neither it nor the host's file has it.
 */
static void
seed_member(const struct view_draft *d, const char *kept, char *member_value)
{
	char *name = mem_part(member_value, strcspn(member_value, "="));
	char *path = mem_join(kept, d->src), *text;
	json_t *file = jsonfile_read(path);

	if (!file)
		file = jsonfile_read(d->src);
	if (json_is_object(file) && !jsonfile_member(file, name)) {
		set_member(file, NULL, member_value);
		text = json_dumps(file, JSON_INDENT(2));
		if (text)
			write_copy(mem_copy(path), text);
		free(text);
	}
	json_decref(file);
	free(path);
	free(name);
}

/* Below the directory of the project's drafts. */
static void
seed_all(const struct keys *k, const struct project *p, const struct view *v)
{
	for (size_t i = 0; v->kept && i < k->seeds.n; i++) {
		char *w[2] = {NULL}, *path, *real;

		if (split_words(k->seeds.v[i], w, 2) < 2)
			continue;
		path = path_expand(w[0], p->home);
		real = path_follow(path, NULL, NULL);
		for (size_t j = 0; real && j < v->drafts_n; j++)
			if (!v->drafts[j].kept &&
			    strcmp(v->drafts[j].src, real) == 0) {
				seed_member(&v->drafts[j], v->kept, w[1]);
				break;
			}
		free(real);
		free(path);
	}
}

void
key_cover(const struct keys *k, const struct project *p, struct view *v,
	  const char *dir, int make)
{
	if (make)
		seed_all(k, p, v);
	for (size_t i = 0; i < k->files.n; i++) {
		char *w[2] = {NULL};
		size_t n = split_words(k->files.v[i], w, 2),
		       first = v->drafts_n;
		char *path = path_expand(w[0], p->home), *text;
		const char *own = mem_printf("%s/%zu", dir, i);

		view_replace(v, path, own);
		if (v->drafts_n > first && make) {
			text = make_copy(path, n > 1 ? w[1] : mem_copy(""));
			for (size_t j = first; j < v->drafts_n; j++)
				write_copy(
				    mem_join(v->drafts[j].kept,
					     v->drafts[j].src +
						 strlen(v->drafts[j].tree)),
				    text);
			free(text);
		}
		free(path);
	}
}

void
key_notice(const struct settings *s, const struct project *p, struct view *v,
	   const char *agent)
{
	const struct settings_list *l = &s->list[SET_KEY];

	for (size_t i = 0; i < l->n; i++) {
		char *w[5] = {NULL}, *path;
		const char *from;

		split_words(l->v[i].text, w, 5);
		from = w[1];
		if (strncmp(from, "file:", 5) != 0 || is_there(&from, p))
			continue;
		path = mem_part(from + 5, strcspn(from + 5, "#"));
		view_obeyed(v, path, agent ? agent : "the agent");
		free(path);
	}
}

/*
 * API URL CLIENT-ID LOCK…: how a login that is in a file is renewed.  Returns
 * "HOST:443:" of who renews it, or NULL.
 */
static const char *
refresh_words(const struct keys *k, const struct settings *s,
	      const struct key *key, struct strv *words)
{
	static const char *const options[] = {"--refresh", "--client-id"};
	const struct settings_list *l = &s->list[SET_KEY_REFRESH];
	const char *what, *host = NULL;
	char *w[8];

	for (size_t i = 0; i < l->n; i++) {
		size_t n = is_of(&l->v[i], key->api, &what)
			       ? split_words(what, w, 8)
			       : 0;

		for (size_t j = 0; j < n; j++) {
			strv_push(words, j < 2 ? options[j] : "--lock");
			strv_push(words,
				  j < 2 ? w[j] : path_expand(w[j], k->home));
		}
		if (n > 0 && strstr(w[0], "://")) {
			host = strstr(w[0], "://") + 3;
			host = mem_printf("%.*s:443:", (int)strcspn(host, "/"),
					  host);
		}
	}
	return host;
}

void
key_words(const struct keys *k, size_t i, const struct settings *s,
	  const char *upstream, struct strv *words)
{
	const struct settings_list *pins = &s->list[SET_CONNECT_TO];
	const struct settings_list *private = &s->list[SET_PRIVATE_HOST];
	const struct settings_list *command = &s->list[SET_KEY_COMMAND];
	const struct settings_list *budget = &s->list[SET_BUDGET];
	const char *what;
	const struct key *key = &k->v[i];
	char *of = mem_printf("%s:%u:", key->host, key->port);
	const char *renews = NULL;
	const char *pairs[][2] = {
	    {"--upstream",
	     key->port == 443 ? mem_printf("https://%s%s", key->host, key->path)
			      : mem_printf("https://%s:%u%s", key->host,
					   key->port, key->path)},
	    {"--api", key->repositories.n ? NULL : key->api},
	    {"--header", key->header},
	    {"--placeholder", key->placeholder},
	    {"--from", key->from},
	    {"--upstream-proxy", upstream}};
	struct rule r;

	for (size_t j = 0; j < sizeof(pairs) / sizeof(*pairs); j++)
		if (pairs[j][1]) {
			strv_push(words, pairs[j][0]);
			strv_push(words, pairs[j][1]);
		}
	if (key->from && strncmp(key->from, "file:", 5) == 0)
		renews = refresh_words(k, s, key, words);
	for (size_t j = 0; j < budget->n; j++)
		if (is_of(&budget->v[j], key->api, &what)) {
			strv_push(words, "--budget");
			strv_push(words, what);
		}
	for (size_t j = 0; !key->from && j < command->n; j++) {
		strv_push(words, "--command");
		strv_push(words, command->v[j].text);
	}
	for (size_t j = 0; j < pins->n; j++)
		if (strncmp(pins->v[j].text, of, strlen(of)) == 0 ||
		    (renews &&
		     strncmp(pins->v[j].text, renews, strlen(renews)) == 0)) {
			strv_push(words, "--connect-to");
			strv_push(words, pins->v[j].text);
		}
	for (size_t j = 0; j < private->n; j++)
		if (!rule_parse(private->v[j].text, &r) &&
		    rule_matches(&r, key->host)) {
			strv_push(words, "--private");
			break;
		}
	for (size_t j = 0; i == 0 && j < k->held.n; j++) {
		strv_push(words, "--hold");
		strv_push(words, k->held.v[j]);
	}
	free(of);
}

void
key_print(const struct keys *k, FILE *f)
{
	for (size_t i = 0; i < k->n; i++) {
		fprintf(f, "outside = %s %s\t# pen-key\n", k->v[i].host,
			k->v[i].from ? k->v[i].from : "key_command");
		for (size_t j = 0; j < k->v[i].repositories.n; j++)
			fprintf(f, "outside = %s %s\t# pen-key\n", k->v[i].host,
				k->v[i].repositories.v[j]);
	}
}

void
key_forget(const struct keys *k)
{
	for (size_t i = 0; i < k->hidden.n; i++)
		unsetenv(k->hidden.v[i]);
}
