/*
 * gitdata: which settings of git name nothing but data.  They hold inside; what
 * names a program or may hold a secret does not.  Pure.
 */
#ifndef PEN_GITDATA_H
#define PEN_GITDATA_H

enum gitdata {
	GITDATA_NO,	/* a program, a secret, or unknown */
	GITDATA_VALUE,	/* holds as it is */
	GITDATA_FILE,	/* a file, which has to be shown */
	GITDATA_TREE,	/* a repository that git is to trust */
	GITDATA_URL,	/* the subsection is the beginning of a URL */
	GITDATA_SITE,	/* the same: it holds for a site */
	GITDATA_SIGNING /* wants a key, which is not there */
};

/*
 * What the setting key ("section.subsection.name", as git config --list -z has
 * it) is with this value, which is NULL where there is no "=".
 */
enum gitdata gitdata_kind(const char *key, const char *value);

/* The subsection of key, which the caller frees; NULL when it has none. */
char *gitdata_subsection(const char *key);

/* The setting as a text for git-config(1); the caller frees it. */
char *gitdata_text(const char *key, const char *value);

/* Whether value, which may be NULL, is true to git. */
int gitdata_is_true(const char *value);

#endif
