/*
 * keymerge: a structured file of which the run had its own version, compared
 * key by key with what the host had and has.  What a table knows to be data
 * goes to the host; all else is held back.  Pure.
 */
#ifndef REPORT_KEYMERGE_H
#define REPORT_KEYMERGE_H

#include <stddef.h>

/* A key that is held back. */
struct keymerge_held {
	char *key;   /* as it is shown */
	char *old;   /* what the host has, or NULL */
	char *value; /* what the run made of it, or NULL */
	int quiet;   /* its agent's own, and no news */
};

struct keymerge {
	char *host;  /* what the host's file is to be */
	char *draft; /* that and what is held, or NULL when nothing is */
	struct keymerge_held *held;
	size_t n;
};

/* What a repository has besides its configuration. */
struct keymerge_git {
	int (*has_branch)(void *arg, const char *name);
	int (*has_submodule)(void *arg, const char *name);
	void *arg;
};

/*
 * base is the host's text at the start, now what it is, draft the run's.  0 and
 * *m, which is the caller's; or -1 where one of them is not understood: then
 * the file is held whole.
 */
int keymerge_git(struct keymerge *m, const char *base, const char *now,
		 const char *draft, const struct keymerge_git *git);

/* The same for a JSON object; rules is whose settings they are. */
int keymerge_json(struct keymerge *m, const char *base, const char *now,
		  const char *draft, const char *rules);

/*
 * The text now with what a run made of then: mine.  The caller frees it; NULL
 * where one of them is not understood.
 */
char *keymerge_join_git(const char *then, const char *now, const char *mine);
char *keymerge_join_json(const char *then, const char *now, const char *mine);

/*
 * The text now of Codex's settings with the model that draft, which was made of
 * then, has chosen; the caller frees it.  NULL when now is written in a way in
 * which the line's place is not known.
 */
char *keymerge_toml(const char *then, const char *now, const char *draft);

/* Whether draft, of Codex's settings, has nothing but its own answers more. */
int keymerge_toml_is_quiet(const char *base, const char *draft);

void keymerge_free(struct keymerge *m);

/* Notes that a key is held; the texts become the result's. */
void keymerge_hold(struct keymerge *m, struct keymerge_held held);

#endif
