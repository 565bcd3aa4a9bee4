#include "pen/keygit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/rule.h"
#include "pen/gitdata.h"
#include "pen/gitdir.h"
#include "pen/gitfile.h"
#include "pen/path.h"

/* In the state of the project: a line for each host, and HOST/REPOSITORY. */
#define REMOTES "remotes"

/* pen-sni has a descriptor for each, and the chain a link. */
#define HOSTS_MAX 3

/* The longest that git hosts let users have; a token is longer. */
#define USER_MAX 39

/* What a request has behind it has to be in a path, too. */
#define PATH_LENGTH 200

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* The URL of a remote, taken apart. */
struct remote {
	char *before; /* what stands before the path: https://HOST/ */
	char *user;   /* of https, or NULL */
	char *host;
	const char *path;
};

/* Whether pen-key takes it: its judge_is_plain. */
static int
is_plain(const char *path)
{
	if (!*path || *path == '/' || strlen(path) > PATH_LENGTH ||
	    path[strspn(path, LETTERS "._:-/")])
		return 0;
	for (; path; path = strchr(path, '/')) {
		size_t n;

		path += *path == '/';
		n = strcspn(path, "/");
		if ((n == 0 && *path) || (n == 1 && *path == '.') ||
		    (n == 2 && strncmp(path, "..", 2) == 0))
			return 0;
	}
	return 1;
}

/*
 * https://[USER@]HOST[:PORT]/PATH, ssh://… or [USER@]HOST:PATH.  0, or -1: it
 * is another URL, or has a password.
 */
static int
parse_remote(const char *url, struct remote *r)
{
	const char *scheme = strstr(url, "://");
	const char *begin = scheme ? scheme + 3 : url, *at, *host, *path;
	size_t n = strcspn(begin, scheme ? "/" : ":/");
	int https = strncmp(url, "https://", 8) == 0;
	char name[RULE_NAME_MAX + 1];

	if (scheme ? !https && strncmp(url, "ssh://", 6) != 0
		   : begin[n] != ':' || begin[n + 1] == ':')
		return -1;
	if (!begin[n])
		return -1;
	path = begin + n + 1;
	at = memrchr(begin, '@', n);
	host = at ? at + 1 : begin;
	n -= (size_t)(host - begin);
	if (rule_name(host, scheme ? strcspn(host, ":/") : n, name) < 0 ||
	    (at && ((size_t)(at - begin) > USER_MAX ||
		    strspn(begin, LETTERS "._+-") != (size_t)(at - begin))))
		return -1;
	*r = (struct remote){
	    .before = mem_part(url, (size_t)(path - url)),
	    .user = https && at ? mem_part(begin, (size_t)(at - begin)) : NULL,
	    /* ssh has a port of its own */
	    .host = https ? mem_part(host, n) : mem_copy(name),
	    .path = path,
	};
	return 0;
}

static void
push_once(struct strv *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], text) == 0)
			return;
	strv_push(l, text);
}

/* HOST, or HOST:PORT */
static const char *
name_of(const struct key *key)
{
	return key->port == 443 ? mem_copy(key->host)
				: mem_printf("%s:%u", key->host, key->port);
}

/* A remote of the project's, if its host is the key's. */
static void
take_remote(void *arg, const struct gitfile_variable *var)
{
	struct key *key = arg;
	struct remote r;
	size_t n;

	if (strcmp(var->section, "remote") != 0 || !var->value ||
	    (strcmp(var->name, "url") != 0 &&
	     strcmp(var->name, "pushurl") != 0) ||
	    parse_remote(var->value, &r) < 0)
		return;
	if (strcasecmp(r.host, name_of(key)) != 0 &&
	    (strncmp(r.before, "https://", 8) == 0 ||
	     strcasecmp(r.host, key->host) != 0))
		return;
	n = strlen(r.path);
	while (n > 0 && r.path[n - 1] == '/')
		n--;
	if (n > 4 && strncmp(r.path + n - 4, ".git", 4) == 0)
		n -= 4;
	r.path = mem_part(r.path, n);
	if (!is_plain(r.path)) {
		err_warn("key_git: the path of '%s' has other characters than "
			 "letters, digits and ._:-: pen-key does not serve it",
			 r.before);
		return;
	}
	push_once(&key->repositories, r.path);
	push_once(&key->before, r.before);
	if (r.user && !strchr(key->from, ':'))
		key->from = mem_printf("git:%s", r.user);
}

/* The text of the project's git configuration, or NULL. */
static char *
read_config(const struct project *p)
{
	char *dir = p->common ? mem_copy(p->common)
			      : gitdir_follow(p->root, ".git", "gitdir: ");
	char *text;

	if (!dir)
		dir = path_join(p->root, ".git");
	text = gitdir_read(dir, "config");
	free(dir);
	return text;
}

static int
has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *at = text; *at;
	     at += strcspn(at, "\n"), at += *at != 0)
		if (strncmp(at, line, n) == 0 && at[n] == '\n')
			return 1;
	return 0;
}

/*
 * Leaves the repositories that are known: those of the host's first start,
 * which are said.  The others may be a run's making.
 */
static void
leave_known(struct keys *k, struct key *key, const char *known, int renew)
{
	const char *host = name_of(key);
	int first = renew || !has_line(known, host);
	struct strv kept = {0};

	if (!has_line(k->remotes, host))
		k->remotes = mem_printf("%s%s\n", k->remotes, host);
	for (size_t i = 0; i < key->repositories.n; i++) {
		const char *path = key->repositories.v[i];
		char *line = mem_printf("%s/%s", host, path);

		if (!has_line(known, line) && !first) {
			err_warn("key_git: %s is a new remote of the project: "
				 "git does not reach it",
				 line);
			err_hint("unless a run made it: pen --new-remotes");
			continue;
		}
		strv_push(&kept, path);
		if (has_line(known, line))
			continue;
		k->remotes = mem_printf("%s%s\n", k->remotes, line);
		err_warn("key_git: git reaches %s with your credential", line);
	}
	key->repositories = kept;
}

void
keygit_find(struct keys *k, struct settings *s, const struct project *p,
	    const struct strv *allow_only, const char *dir, int renew)
{
	const struct settings_list *l = &s->list[SET_KEY_GIT];
	char *text = read_config(p), *known = gitdir_read(dir, REMOTES);

	if (!known)
		known = mem_copy("");
	k->remotes = known;
	if (l->n > HOSTS_MAX)
		die(ERR_TOOL, "key_git: %zu hosts (%s): at most %d are served",
		    l->n, l->v[HOSTS_MAX].from, HOSTS_MAX);
	for (size_t i = 0; i < l->n; i++) {
		struct key key = {.api = "git", .path = "", .from = "git"};
		struct rule r;

		rule_parse(l->v[i].text, &r); /* as settings_check has */
		key.host = mem_copy(r.name);
		key.port = r.port;
		strv_push(&key.before,
			  mem_printf("https://%s/", name_of(&key)));
		if (text)
			gitfile_each(text, take_remote, &key);
		leave_known(k, &key, known, renew);
		if (key.repositories.n > 0)
			key_take(k, s, &key, allow_only);
	}
	free(text);
}

void
keygit_note(const struct keys *k, const char *dir)
{
	char *path = k->remotes ? path_join(dir, REMOTES) : NULL;
	int fd =
	    path ? open(path,
			O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			0600)
		 : -1;

	if (path &&
	    (fd < 0 || fd_write_all(fd, k->remotes, strlen(k->remotes)) < 0))
		die(ERR_TOOL, "cannot write '%s': %m", path);
	if (fd >= 0)
		close(fd);
	free(path);
}

char *
keygit_config(const struct keys *k, char *text)
{
	/* of two that are as long git takes the first: the user's come last */
	for (size_t i = k->n; i > 0; i--) {
		const struct key *key = &k->v[i - 1];
		char *name = mem_printf("url.http://%s/.insteadof", key->host);

		for (size_t j = 0; j < key->before.n; j++) {
			char *one = gitdata_text(name, key->before.v[j]);
			char *longer = mem_join(one, text ? text : "");

			free(one);
			free(text);
			text = longer;
		}
		free(name);
	}
	return text;
}

void
keygit_words(const struct key *key, const struct settings *s,
	     struct strv *words)
{
	const struct settings_list *l = &s->list[SET_KEY_GIT_PUSH];
	const char *of = mem_printf("%s ", name_of(key));

	for (size_t i = 0; i < key->repositories.n; i++) {
		strv_push(words, "--repository");
		strv_push(words, key->repositories.v[i]);
	}
	for (size_t i = 0; key->repositories.n > 0 && i < l->n; i++)
		if (strncasecmp(l->v[i].text, of, strlen(of)) == 0) {
			strv_push(words, "--push");
			strv_push(words, l->v[i].text + strlen(of));
		}
}
