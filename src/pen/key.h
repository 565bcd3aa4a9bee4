/*
 * key: the agent's credentials that stay outside, with pen-key, and what the
 * agent is given in their place.
 */
#ifndef PEN_KEY_H
#define PEN_KEY_H

#include <stdio.h>

#include "lib/mem.h"
#include "pen/project.h"
#include "pen/settings.h"
#include "pen/view.h"

/* The credential of one API. */
struct key {
	const char *api, *host;
	unsigned port;
	const char *path;   /* before the API's own, or "" */
	const char *from;   /* env:NAME or file:PATH#MEMBER; NULL: a command */
	const char *header; /* what pen-key is told */
	const char *placeholder;
	const char *variable; /* that has the placeholder inside, or NULL */
	struct strv repositories, before; /* git's: keygit.h */
};

struct keys {
	struct key *v;
	size_t n;
	const char *home;
	struct strv hidden;  /* variables that are not passed on */
	struct strv env;     /* NAME=VALUE, set inside */
	struct strv args;    /* the agent's, before those of its own */
	struct strv held;    /* names that nothing reaches */
	struct strv files;   /* "PATH MEMBER…" that are replaced */
	struct strv seeds;   /* "PATH MEMBER=VALUE" that drafts are given */
	const char *remotes; /* keygit.h's, to be noted; or NULL */
};

/*
 * Finds the credentials that there are, and takes their hosts out of what is
 * allowed.  allow_only is managed.conf's.
 */
void key_find(struct keys *k, struct settings *s, const struct project *p,
	      const struct strv *allow_only);

/* Adds one, and takes its host out of what is allowed; not where a rule
 * forbids it. */
void key_take(struct keys *k, struct settings *s, const struct key *key,
	      const struct strv *allow_only);

/* Says which credential cannot be kept outside, where it is used. */
void key_warn(const struct keys *k, const struct settings *s,
	      const struct project *p);

/* Replaces the files that have them, by copies below dir, which is made. */
void key_cover(const struct keys *k, const struct project *p, struct view *v,
	       const char *dir, int make);

/*
 * A login that is not there yet is told of when the run has made it: with one
 * of somebody else's, what later runs send is theirs to read.
 */
void key_notice(const struct settings *s, const struct project *p,
		struct view *v, const char *agent);

/* Appends the words of pen-key for the i-th of them. */
void key_words(const struct keys *k, size_t i, const struct settings *s,
	       const char *upstream, struct strv *words);

/* Prints a line for each, as pen --print=conf does: host and source. */
void key_print(const struct keys *k, FILE *f);

/* Takes them out of this process' environment. */
void key_forget(const struct keys *k);

/* What is in PEN_KEYS for a name that nothing serves. */
#define KEY_NOBODY "-"

#endif
