#include "pen-key/git.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Above what git-http-backend(1) serves of a repository. */
static const struct {
	const char *path, *query; /* behind the repository's */
	int is_post;
	enum git_part part;
} requests[] = {
    {"/info/refs", "service=git-upload-pack", 0, GIT_FETCH},
    {"/git-upload-pack", "", 1, GIT_FETCH},
    {"/info/refs", "service=git-receive-pack", 0, GIT_PUSH},
    {"/git-receive-pack", "", 1, GIT_COMMANDS},
};

#define REQUESTS (sizeof(requests) / sizeof(*requests))

char *
git_repository(const char *path)
{
	size_t n = strlen(path);
	char *own;

	while (n > 0 && path[n - 1] == '/')
		n--;
	if (n > 4 && strncmp(path + n - 4, ".git", 4) == 0)
		n -= 4;
	own = mem_printf("%s%.*s", *path == '/' ? "" : "/", (int)n, path);
	return own;
}

const char *
git_check(const char *pattern)
{
	const char *star = strchr(pattern, '*');

	if (strncmp(pattern, "refs/", 5) != 0)
		return "it does not begin with refs/, as refs/heads/pen/*";
	if (star && star[1])
		return "the * is not at its end";
	for (const char *c = pattern; *c; c++)
		if (*c <= ' ' || *c > '~')
			return "it is not the name of a ref";
	return NULL;
}

int
git_is_lfs(const char *path)
{
	return strstr(path, "/info/lfs") != NULL ||
	       strstr(path, "/objects/batch") != NULL;
}

/* What stands behind the repository's name in path, of one that passes. */
static const char *
find_rest(const struct git *g, const char *path)
{
	for (size_t i = 0; i < g->repositories.n; i++) {
		size_t n = strlen(g->repositories.v[i]);
		const char *rest = path + n;

		if (strncmp(path, g->repositories.v[i], n) != 0)
			continue;
		if (strncmp(rest, ".git/", 5) == 0)
			rest += 4;
		if (*rest == '/')
			return rest;
	}
	return NULL;
}

enum git_part
git_judge(const struct git *g, int is_post, const char *path, const char *query,
	  char *why, size_t size)
{
	const char *rest = find_rest(g, path);
	enum git_part part = GIT_NONE;

	for (size_t i = 0; rest && i < REQUESTS; i++)
		if (strcmp(rest, requests[i].path) == 0 &&
		    strcmp(query ? query : "", requests[i].query) == 0 &&
		    is_post == requests[i].is_post)
			part = requests[i].part;
	if (git_is_lfs(path))
		snprintf(why, size,
			 "git-lfs does not pass: only git's own objects do. "
			 "git-lfs has to be used outside the pen");
	else if (!rest)
		snprintf(why, size,
			 "%.120s is not one of the project's remotes at the "
			 "start of the pen: no other repository of this host "
			 "passes",
			 path);
	else if (part == GIT_NONE)
		snprintf(why, size,
			 "%s %.120s is no part of a fetch or a push, and "
			 "nothing else passes",
			 is_post ? "POST" : "GET", path);
	else if (part != GIT_FETCH && g->push.n == 0)
		snprintf(why, size,
			 "a push does not pass: the user has to name the refs "
			 "that may be pushed, as key_git_push in pen.conf");
	else
		return part;
	return GIT_NONE;
}

static int
ref_passes(const struct git *g, const char *ref, size_t n)
{
	for (size_t i = 0; i < g->push.n; i++) {
		const char *pattern = g->push.v[i];
		size_t len = strcspn(pattern, "*");

		if (n >= len && memcmp(ref, pattern, len) == 0 &&
		    (n == len) == (pattern[len] == '\0'))
			return 1;
	}
	return 0;
}

int
git_judge_push(const struct git *g, const struct pkt_push *p,
	       const char *why[PKT_UPDATES_MAX])
{
	int passes = 1;

	for (size_t i = 0; i < p->updates; i++) {
		const struct pkt_update *u = &p->update[i];

		why[i] = "pen-key: nothing of this push was sent, because of "
			 "another ref";
		if (u->deletes)
			why[i] = "pen-key: deleting a ref does not pass";
		else if (!ref_passes(g, p->text + u->ref, u->ref_n))
			why[i] = "pen-key: this ref is not one that may be "
				 "pushed: key_git_push in pen.conf";
		else
			continue;
		passes = 0;
	}
	return passes;
}
