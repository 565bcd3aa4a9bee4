/*
 * judge: whether a request passes, and what of its head does.  Pure: the bytes
 * are a hostile program's.
 *
 * A path has letters, digits and "._:-" between single slashes, and no segment
 * is "." or "..", so that everybody reads it in one way.  It has to be one of
 * those that pass: "*" there is one or more of these characters, "**" slashes
 * too.  Of the query and the head only what is listed passes; another
 * credential than the placeholder is refused, whoever's it is.
 */
#ifndef KEY_JUDGE_H
#define KEY_JUDGE_H

#include "lib/http.h"
#include "pen-key/api.h"
#include "pen-key/git.h"

/* Of a path with its query. */
#define JUDGE_TARGET_MAX 512

struct judge {
	const struct api *api;
	const char *const *pass; /* "METHOD PATH" */
	const char *placeholder;
	const char *prefix; /* what stands before the API's paths, or "" */
	int listens;	    /* on a port that a web page may have a name for */
	const struct git *git; /* in place of pass, or NULL */
};

enum judge_method { JUDGE_GET, JUDGE_HEAD, JUDGE_POST, JUDGE_METHODS };
extern const char *const judge_methods[JUDGE_METHODS];

struct judged {
	enum judge_method method;
	char path[JUDGE_TARGET_MAX + 1];
	const char *query;	    /* in path, behind it; or NULL */
	char fields[HTTP_HEAD_MAX]; /* "Name: value", each ended by NUL */
	size_t fields_n;
	int keep, old;	   /* the connection stays; HTTP/1.0 */
	int expects;	   /* 100-continue */
	int zstd, encoded; /* how the body is; whether it was said */
	enum git_part part;
	int status; /* of the answer where it does not pass */
	char why[256];
};

/*
 * Judges a head of n bytes that http_step let through, with what h says of its
 * body.  0, or -1: see status and why.
 */
int judge_head(const struct judge *j, const uint8_t *head, size_t n,
	       const struct http *h, struct judged *d);

/* Whether everybody reads the path in one way. */
int judge_is_plain(const char *path);

/* Whether the path is what the pattern says. */
int judge_matches(const char *pattern, const char *path);

/* What is wrong with a pattern "METHOD PATH", static; or NULL. */
const char *judge_check(const char *pattern);

#endif
