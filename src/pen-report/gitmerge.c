/*
 * git's configuration: the keys that git writes in its daily work and that are
 * data.  Everything else is held, for a list of what git executes is never
 * whole; and what redirects the user's next fetch or push is no data once the
 * remote exists.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/gitkeys.h"
#include "lib/mem.h"
#include "pen-report/keymerge.h"

struct sides {
	struct gitkeys base, now, draft;
	const struct keymerge_git *git;
};

void
keymerge_hold(struct keymerge *m, struct keymerge_held held)
{
	m->held = mem_room(m->held, m->n, sizeof(*m->held));
	m->held[m->n++] = held;
}

void
keymerge_free(struct keymerge *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->held[i].key);
		free(m->held[i].old);
		free(m->held[i].value);
	}
	free(m->held);
	free(m->host);
	free(m->draft);
	*m = (struct keymerge){0};
}

/* No byte that would begin another line or that a terminal obeys. */
static int
is_plain(const char *s)
{
	if (!*s)
		return 0;
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return 0;
	return 1;
}

static int
is_word(const char *s, const char *more)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789";
	const char *p = s;

	while (*p && (strchr(letters, *p) || strchr(more, *p)))
		p++;
	return *s && *s != '-' && *p == '\0';
}

/* The part of a ref behind refs/heads/, as git allows it, or nearly. */
static int
is_branch(const char *s)
{
	return is_word(s, "._/-+#@%=,") && !strstr(s, "..") &&
	       strcmp(s, "HEAD") != 0 && !strstr(s, "//") &&
	       strncmp(s, "refs/", 5) != 0;
}

/* user@host, without a password; a host is no option. */
static int
is_authority(const char *s, size_t n)
{
	char *text = mem_part(s, n), *at = strrchr(text, '@');
	int good;

	if (at)
		*at = '\0';
	good = (!at || is_word(text, "._-+")) &&
	       is_word(at ? at + 1 : text, ".-:[]");
	free(text);
	return good;
}

/* https://, ssh://, or user@host:path; not a path, nor a helper's. */
static int
is_url(const char *s)
{
	static const char *const schemes[] = {"https://", "ssh://"};
	const char *colon = strchr(s, ':');

	if (!is_plain(s) || strchr(s, ' ') || strchr(s, '\\') ||
	    strstr(s, "::") || *s == '-' || !colon)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(schemes[i]);

		if (strncmp(s, schemes[i], n) == 0)
			return is_authority(s + n, strcspn(s + n, "/?#"));
	}
	return strncmp(colon, "://", 3) != 0 && colon[1] != '\0' &&
	       colon[1] != '-' && strcspn(s, "/") > (size_t)(colon - s) &&
	       !strchr("[", *s) && is_authority(s, (size_t)(colon - s));
}

/* The one value that the key has in k, or NULL. */
static const char *
only_value(const struct gitkeys *k, const char *section, const char *sub,
	   const char *name)
{
	const char *value = NULL;
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->v[i].section, section) == 0 && k->v[i].sub &&
		    strcmp(k->v[i].sub, sub) == 0 &&
		    strcmp(k->v[i].name, name) == 0) {
			value = k->v[i].value;
			n++;
		}
	return n == 1 ? value : NULL;
}

static int
has_section(const struct gitkeys *k, const char *section, const char *sub)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->v[i].section, section) == 0 && k->v[i].sub &&
		    strcmp(k->v[i].sub, sub) == 0)
			return 1;
	return 0;
}

/* A remote that the run made, and that leads to another host and no program. */
static int
is_new_remote(const struct sides *s, const char *name)
{
	const char *url = only_value(&s->draft, "remote", name, "url");

	return is_word(name, "._-") && *name != '.' && url && is_url(url) &&
	       !has_section(&s->base, "remote", name) &&
	       !has_section(&s->now, "remote", name);
}

static int
is_new_fetch(const struct sides *s, const char *name)
{
	const char *fetch = only_value(&s->draft, "remote", name, "fetch");
	const char *branch = fetch ? fetch + strlen("+refs/heads/") : NULL;
	char *want, *part;
	int good;

	if (!fetch || strncmp(fetch, "+refs/heads/", 12) != 0)
		return 0;
	part = mem_part(branch, strcspn(branch, ":"));
	want =
	    mem_printf("+refs/heads/%s:refs/remotes/%s/%s", part, name, part);
	good = strcmp(fetch, want) == 0 &&
	       (strcmp(part, "*") == 0 || is_branch(part));
	free(want);
	free(part);
	return good && is_new_remote(s, name);
}

/* A remote that the host had, with the url that it had and has. */
static int
is_old_remote(const struct sides *s, const char *name)
{
	const char *was = only_value(&s->base, "remote", name, "url");
	const char *is = only_value(&s->now, "remote", name, "url");

	/* "." would have the next git pull take a branch of the run's */
	return was && is && strcmp(was, is) == 0;
}

static int
is_one_of(const char *value, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(value, *list) == 0)
			return 1;
	return 0;
}

static int
merges_branch(const struct sides *s, const struct gitkey *key)
{
	static const char *const rebase[] = {"true", "false", "merges", NULL};
	const char *value =
	    only_value(&s->draft, "branch", key->sub, key->name);

	if (!has_section(&s->draft, "branch", key->sub))
		return !s->git->has_branch(s->git->arg, key->sub);
	if (!value || !is_plain(value) || !is_branch(key->sub))
		return 0;
	if (strcmp(key->name, "remote") == 0)
		return is_old_remote(s, value);
	if (strcmp(key->name, "merge") == 0) {
		const char *remote =
		    only_value(&s->draft, "branch", key->sub, "remote");

		return remote && is_old_remote(s, remote) &&
		       strncmp(value, "refs/heads/", 11) == 0 &&
		       is_branch(value + 11);
	}
	if (strcmp(key->name, "rebase") == 0)
		return is_one_of(value, rebase);
	return strcmp(key->name, "description") == 0;
}

/* Of [section] without sub. */
static int
merges_plain(const struct sides *s, const struct gitkey *key)
{
	static const char *const names[] = {"user.name", "user.email",
					    "pull.rebase", "pull.ff", NULL};
	char *name = gitkeys_name(key);
	const char *value = NULL;
	size_t n = 0;
	int known = is_one_of(name, names);

	free(name);
	for (size_t i = 0; i < s->draft.n; i++)
		if (gitkeys_same(&s->draft.v[i], key)) {
			value = s->draft.v[i].value;
			n++;
		}
	return known && n == 1 && value && is_plain(value);
}

static int
merges(const struct sides *s, const struct gitkey *key)
{
	const char *value;

	if (!key->sub)
		return merges_plain(s, key);
	if (strcmp(key->section, "branch") == 0)
		return merges_branch(s, key);
	if (strcmp(key->section, "remote") == 0) {
		if (strcmp(key->name, "url") == 0)
			return is_new_remote(s, key->sub);
		return strcmp(key->name, "fetch") == 0 &&
		       is_new_fetch(s, key->sub);
	}
	value = only_value(&s->draft, key->section, key->sub, key->name);
	return strcmp(key->section, "submodule") == 0 &&
	       strcmp(key->name, "active") == 0 && value &&
	       strcmp(value, "true") == 0 &&
	       s->git->has_submodule(s->git->arg, key->sub);
}

static char *
value_of(const struct gitkeys *k, const struct gitkey *key)
{
	for (size_t i = k->n; i > 0; i--)
		if (gitkeys_same(&k->v[i - 1], key))
			return mem_copy(k->v[i - 1].value ? k->v[i - 1].value
							  : "");
	return NULL;
}

/* Whether one of the first n of k is the same key. */
static int
was_seen(const struct gitkeys *k, size_t n, const struct gitkey *key)
{
	for (size_t i = 0; i < n; i++)
		if (gitkeys_same(&k->v[i], key))
			return 1;
	return 0;
}

/* Replaces *text by that with the key as the draft has it.  0, or -1. */
static int
take_key(char **text, const struct sides *s, const struct gitkey *key)
{
	char *next = gitkeys_take(*text, &s->draft, key);

	if (!next)
		return -1;
	free(*text);
	*text = next;
	return 0;
}

/* Decides about a key that the run changed.  0, or -1. */
static int
decide_key(struct keymerge *m, const struct sides *s, const struct gitkey *key)
{
	if (gitkeys_equal(&s->base, &s->draft, key) ||
	    gitkeys_equal(&s->now, &s->draft, key))
		return 0;
	if (merges(s, key))
		return take_key(&m->host, s, key);
	keymerge_hold(m, (struct keymerge_held){gitkeys_name(key),
						value_of(&s->now, key),
						value_of(&s->draft, key), 0});
	return 0;
}

/* The draft is the host's new text with what is held. */
static int
make_draft(struct keymerge *m, const struct sides *s)
{
	const struct gitkeys *both[] = {&s->base, &s->draft};

	if (m->n == 0)
		return 0;
	m->draft = mem_copy(m->host);
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < both[side]->n; i++) {
			const struct gitkey *key = &both[side]->v[i];

			if (!was_seen(both[side], i, key) &&
			    !gitkeys_equal(&s->base, &s->draft, key) &&
			    take_key(&m->draft, s, key) < 0)
				return -1;
		}
	return 0;
}

static int
merge(struct keymerge *m, const struct sides *s, const char *now)
{
	m->host = mem_copy(now);
	for (size_t i = 0; i < s->draft.n; i++)
		if (!was_seen(&s->draft, i, &s->draft.v[i]) &&
		    decide_key(m, s, &s->draft.v[i]) < 0)
			return -1;
	for (size_t i = 0; i < s->base.n; i++)
		if (!was_seen(&s->base, i, &s->base.v[i]) &&
		    !was_seen(&s->draft, s->draft.n, &s->base.v[i]) &&
		    decide_key(m, s, &s->base.v[i]) < 0)
			return -1;
	return make_draft(m, s);
}

int
keymerge_git(struct keymerge *m, const char *base, const char *now,
	     const char *draft, const struct keymerge_git *git)
{
	struct sides s = {.git = git};
	int bad;

	*m = (struct keymerge){0};
	bad = gitkeys_parse(&s.base, base, strlen(base)) < 0 ||
	      gitkeys_parse(&s.now, now, strlen(now)) < 0 ||
	      gitkeys_parse(&s.draft, draft, strlen(draft)) < 0 ||
	      merge(m, &s, now) < 0;
	if (bad)
		keymerge_free(m);
	gitkeys_free(&s.base);
	gitkeys_free(&s.now);
	gitkeys_free(&s.draft);
	return bad ? -1 : 0;
}

char *
keymerge_join_git(const char *then, const char *now, const char *mine)
{
	struct gitkeys was, is;
	char *out = NULL;

	if (gitkeys_parse(&was, then, strlen(then)) < 0)
		return NULL;
	if (gitkeys_parse(&is, mine, strlen(mine)) == 0) {
		const struct gitkeys *both[] = {&is, &was};

		out = mem_copy(now);
		for (size_t k = 0; k < 2; k++)
			for (size_t i = 0; out && i < both[k]->n; i++) {
				const struct gitkey *key = &both[k]->v[i];
				char *next;

				if (gitkeys_equal(&was, &is, key))
					continue;
				next = gitkeys_take(out, &is, key);
				free(out);
				out = next;
			}
		gitkeys_free(&is);
	}
	gitkeys_free(&was);
	return out;
}
