/*
 * git: which of git's requests pass: those of a fetch, and of a push, from and
 * to some repositories and refs.  Pure.
 */
#ifndef KEY_GIT_H
#define KEY_GIT_H

#include "lib/mem.h"
#include "pen-key/pkt.h"

struct git {
	struct strv
	    repositories; /* "/OWNER/NAME"; none: it is not git's host */
	struct strv push; /* refs, or what they begin with and a "*"; none: no
			   * push passes */
};

/* What a request is part of. */
enum git_part { GIT_NONE, GIT_FETCH, GIT_PUSH, GIT_COMMANDS };

/*
 * The path of a repository as requests begin with it, of what a URL has behind
 * its host; the caller frees it.
 */
char *git_repository(const char *path);

/* What is wrong with a pattern of refs, static; or NULL. */
const char *git_check(const char *pattern);

/*
 * What the request is: GIT_COMMANDS for the POST that has a push; or GIT_NONE,
 * and why, of size bytes, says what does not pass.
 */
enum git_part git_judge(const struct git *g, int is_post, const char *path,
			const char *query, char *why, size_t size);

/*
 * Whether all updates of the push pass; if not, why[i] has the reason for each,
 * static.
 */
int git_judge_push(const struct git *g, const struct pkt_push *p,
		   const char *why[PKT_UPDATES_MAX]);

/* Whether the path is one of git-lfs'. */
int git_is_lfs(const char *path);

#endif
